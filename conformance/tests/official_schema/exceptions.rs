//! Intended differences between the description and the official schema.

use super::subjects::Broken;

/// A rule of the description that the schema lacks.
pub struct Stricter {
    /// The rule.
    pub rule: &'static str,
    /// The definition; empty for any.
    pub definition: &'static str,
    /// Only together with this rule, if any.
    pub beside: Option<&'static str>,
    /// The justification.
    pub why: &'static str,
}

const fn stricter(rule: &'static str, why: &'static str) -> Stricter {
    Stricter {
        rule,
        definition: "",
        beside: None,
        why,
    }
}

const fn beside(rule: &'static str, other: &'static str, why: &'static str) -> Stricter {
    Stricter {
        rule,
        definition: "",
        beside: Some(other),
        why,
    }
}

/// The rules that the schema lacks.
pub const STRICTER: &[Stricter] = &[
    stricter(
        "Uri",
        "a format is an annotation for a schema, and the pages say URI",
    ),
    stricter(
        "UriTemplate",
        "a format is an annotation for a schema, and the pages say RFC 6570",
    ),
    stricter("Base64", "a schema of this draft cannot say base64"),
    stricter("MediaType", "the schema says MIME type in words only"),
    stricter("Timestamp", "the schema says ISO 8601 in words only"),
    stricter(
        "MetaKey(Prefix)",
        "the schema leaves the keys of _meta to the page on them",
    ),
    stricter(
        "MetaKey(Label)",
        "the schema leaves the keys of _meta to the page on them",
    ),
    stricter(
        "MetaKey(NameEnds)",
        "the schema leaves the keys of _meta to the page on them",
    ),
    stricter(
        "MetaKey(NameCharacters)",
        "the schema leaves the keys of _meta to the page on them",
    ),
    stricter(
        "MetaKey(Reserved)",
        "the schema leaves the keys of _meta to the page on them",
    ),
    stricter(
        "Limit",
        "the schema says `must not exceed 100 items` in words only",
    ),
    stricter("Count", "only prose says that a total counts all values"),
    stricter(
        "NotEmpty",
        "EmptyResult is an alias of Result, which is open",
    ),
    stricter("Placement", "open objects hide a misplaced member"),
    stricter(
        "TwoBodies",
        "the union of contents accepts both bodies at once",
    ),
    stricter(
        "Keyword",
        "open objects hide keywords that a form may not have",
    ),
    stricter(
        "Enumeration",
        "a schema cannot compare the lengths of two lists",
    ),
    stricter(
        "UnknownRequired",
        "a schema cannot compare names with members",
    ),
    stricter(
        "Envelope::NotBoth",
        "open objects hide the error beside the result",
    ),
    stricter(
        "Envelope::NotificationId",
        "open objects hide the id of a notification",
    ),
    stricter(
        "Envelope::Known",
        "open objects hide a `method` that is not a string beside a result",
    ),
    stricter(
        "Envelope::Kind",
        "open objects hide a `method` or an `error` beside a result",
    ),
    beside(
        "Envelope::ErrorCode",
        "Envelope::NotBoth",
        "open objects hide the error beside the result",
    ),
    beside(
        "Envelope::ErrorMessage",
        "Envelope::NotBoth",
        "open objects hide the error beside the result",
    ),
    Stricter {
        rule: "Type",
        definition: "EnumSchema",
        beside: None,
        why: "the union takes a field with a broken `enum` for a text field with a further member",
    },
    Stricter {
        rule: "Type",
        definition: "TextResourceContents",
        beside: Some("TwoBodies"),
        why: "the union takes the blob and does not look at the text",
    },
];

impl Stricter {
    /// Returns true if it explains a broken rule among others.
    pub fn explains(&self, one: &Broken, all: &[Broken]) -> bool {
        self.rule == one.rule
            && (self.definition.is_empty() || self.definition == one.definition)
            && self
                .beside
                .is_none_or(|rule| all.iter().any(|other| other.rule == rule))
    }
}

/// A rule of the official schema that the description does not follow.
pub struct Laxer {
    /// The assertion.
    pub assertion: &'static str,
    /// The justification.
    pub why: &'static str,
}

/// The rules of the official schema that are not followed.
pub const LAXER: &[Laxer] = &[
    Laxer {
        assertion: "/definitions/CreateMessageRequest/properties/params/properties/maxTokens/type",
        why: "schema.ts says number; the generator of schema.json made integer of it",
    },
    Laxer {
        assertion: "/definitions/JSONRPCError/required id",
        why: "JSON-RPC has no id to give where the request could not be read",
    },
    Laxer {
        assertion: "/definitions/RequestId/type",
        why: "the id is null in an error, where the request could not be read",
    },
    Laxer {
        assertion: "/definitions/ElicitResult/properties/content/additionalProperties/type",
        why: "schema.ts says number; the generator of schema.json made integer of it",
    },
];
