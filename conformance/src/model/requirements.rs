//! The catalog of requirements: one row for each demand of MCP 2025-06-18 on its parties.
//!
//! The rows are data (`requirements/2025-06-18.tsv`), and checks name them by id. The sentence behind
//! each row is quoted in `requirements/quotations.tsv`. Corrections to earlier versions of the catalog
//! are listed in `requirements/corrections.tsv`.

use std::fmt;
use std::sync::LazyLock;

use serde::Serialize;

use super::transport::Transport;

/// The protocol revision that the catalog and every check describe.
pub const REVISION: &str = "2025-06-18";

/// The revisions against which `since` and `until` of the rows were determined.
pub const REVISIONS: [&str; 4] = ["2024-11-05", "2025-03-26", REVISION, "2025-11-25"];

const TABLE: &str = include_str!("../../requirements/2025-06-18.tsv");
const COLUMNS: usize = 16;
const QUOTATIONS: &str = include_str!("../../requirements/quotations.tsv");
const SITE: &str = "https://modelcontextprotocol.io";

/// The strength of a requirement.
///
/// `must*` and `should*` rows are normative through the schema, JSON-RPC, or prose without capital
/// letters. They count like the capital ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Level {
    /// Permitted either way.
    #[serde(rename = "MAY")]
    May,
    /// SHOULD and SHOULD NOT.
    #[serde(rename = "SHOULD")]
    Should,
    /// MUST and MUST NOT.
    #[serde(rename = "MUST")]
    Must,
}

impl Level {
    /// Returns the level of a wording of the catalog.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "MUST" | "MUST NOT" | "must*" => Some(Self::Must),
            "SHOULD" | "SHOULD NOT" | "should*" => Some(Self::Should),
            "MAY" => Some(Self::May),
            _ => None,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        })
    }
}

/// The party that a sentence of the specification binds, which may not be the one observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The server.
    Server,
    /// The client.
    Client,
    /// Server and client alike.
    Both,
    /// The sender of a message, on either side.
    Sender,
    /// The receiver of a message, on either side, in its actions and answers.
    Receiver,
    /// The authorization server.
    AuthorizationServer,
    /// Neither side: the sentence describes, and the row is a reading of it.
    Nobody,
}

impl Bound {
    /// All parties.
    pub const ALL: [Self; 7] = [
        Self::Server,
        Self::Client,
        Self::Both,
        Self::Sender,
        Self::Receiver,
        Self::AuthorizationServer,
        Self::Nobody,
    ];

    /// Returns the name used in the catalog.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Both => "both",
            Self::Sender => "sender",
            Self::Receiver => "receiver",
            Self::AuthorizationServer => "authorization-server",
            Self::Nobody => "nobody",
        }
    }

    /// Returns true if a server can violate the sentence. If not, a deviation of the server is
    /// leniency.
    pub fn includes_server(self) -> bool {
        match self {
            Self::Server | Self::Both | Self::Sender | Self::Receiver => true,
            Self::Client | Self::AuthorizationServer | Self::Nobody => false,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bound| bound.name() == text)
    }
}

/// The sentence that states a requirement, word for word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotation {
    /// The row.
    pub id: &'static str,
    /// The sentence; of a list also its introduction, with an ellipsis for what lies between.
    pub sentence: &'static str,
    /// The page in the specification's repository or the address that has it, if it is not the
    /// page of the row.
    source: &'static str,
}

/// Returns all quotations, in the order of the rows.
pub fn quotations() -> &'static [Quotation] {
    static ALL: LazyLock<Vec<Quotation>> = LazyLock::new(|| {
        let rows = QUOTATIONS.lines().skip(1).map(|line| {
            let cells: Vec<&'static str> = line.split('\t').collect();
            match cells[..] {
                [id, sentence, source] => Quotation {
                    id,
                    sentence,
                    source,
                },
                _ => panic!("malformed quotation `{line}`"),
            }
        });
        rows.collect()
    });
    &ALL
}

/// One row of the catalog.
#[derive(Clone, Debug, Serialize)]
pub struct Requirement {
    /// Stable name, for example `tools.unique-names`.
    pub id: &'static str,
    /// Strength, with the starred levels folded into the plain ones.
    pub level: Level,
    /// Level as the catalog spells it: `MUST NOT`, `should*` and so on.
    pub wording: &'static str,
    /// The party whose behaviour the row describes: `server`, `client`, `both`, `transport-host`,
    /// `authorization`.
    pub party: &'static str,
    /// The party that the sentence binds.
    pub binds: Bound,
    /// Part of the protocol, for example `server/tools`.
    pub area: &'static str,
    /// Page of the specification, as a path in its repository.
    pub page: &'static str,
    /// Section on that page: the heading, preceded by its parent and ` / ` when it is nested, and
    /// followed by `;` and details. Parentheses mark a place without a heading.
    pub section: &'static str,
    /// The first revision that asks for it.
    pub since: &'static str,
    /// The last revision that asks for it; empty if the newest compared revision still does.
    #[serde(serialize_with = "null_if_empty")]
    pub until: &'static str,
    /// The requirement in one sentence.
    pub requirement: &'static str,
    /// The externally visible signs of a violation.
    pub violation: &'static str,
    /// True if a server's behaviour shows it.
    pub server_testable: bool,
    /// Prerequisite of a check: `generic`, `fixture`, `http`, `stdio`, `authz` or nothing.
    pub needs: &'static str,
    /// True if a client's behaviour shows it.
    pub client_testable: bool,
    /// The reason why a black box cannot check it, for rows that a server shows.
    #[serde(serialize_with = "null_if_empty")]
    pub unobservable: &'static str,
    /// The way in which a disputed sentence is read here.
    #[serde(serialize_with = "null_if_empty")]
    pub disputed: &'static str,
}

fn null_if_empty<S: serde::Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    (!text.is_empty()).then_some(text).serialize(serializer)
}

impl Requirement {
    /// Returns the address of the section that states the requirement.
    ///
    /// Types of the schema link to the schema page, everything else in the schema to its source.
    /// The security page has moved since the revision, so it is linked at the revision's tag.
    pub fn link(&self) -> String {
        const TAG: &str =
            "https://github.com/modelcontextprotocol/modelcontextprotocol/blob/2025-06-18";
        let anchor = self.anchor();
        let address = if self.is_in_schema() {
            match anchor {
                None => format!("{TAG}/{}", self.page),
                Some(_) => format!("{SITE}/specification/{REVISION}/schema"),
            }
        } else if self.page.ends_with("basic/security_best_practices.mdx") {
            format!("{TAG}/{}", self.page)
        } else {
            on_site(self.page)
        };
        match anchor {
            None => address,
            Some(anchor) => format!("{address}#{anchor}"),
        }
    }

    /// Returns the sentence that states the requirement.
    pub fn sentence(&self) -> &'static str {
        self.quotation().map_or("", |quoted| quoted.sentence)
    }

    /// Returns the address of the page with the sentence, which may not be that of the row.
    pub fn sentence_link(&self) -> String {
        match self.quotation().map_or("", |quoted| quoted.source) {
            "" => self.link(),
            address if address.starts_with("https://") => address.to_owned(),
            page if page.starts_with("schema/") => {
                format!("{SITE}/specification/{REVISION}/schema")
            }
            page => on_site(page),
        }
    }

    fn quotation(&self) -> Option<&'static Quotation> {
        quotations().iter().find(|quoted| quoted.id == self.id)
    }

    /// Returns the anchor that the site generates from the heading of the section.
    fn anchor(&self) -> Option<String> {
        if self.section.starts_with('(') {
            return None;
        }
        let heading = self.section.split(';').next()?;
        if self.is_in_schema() {
            let name = heading.split(|letter: char| !letter.is_alphanumeric());
            return name.map(str::to_lowercase).next();
        }
        let heading = heading.rsplit(" / ").next()?.trim().to_lowercase();
        let slug = heading.chars().filter_map(|letter| match letter {
            ' ' => Some('-'),
            '-' => Some('-'),
            letter => letter.is_alphanumeric().then_some(letter),
        });
        Some(slug.collect())
    }

    fn is_in_schema(&self) -> bool {
        self.page.starts_with("schema/")
    }

    /// The transports over which it can be observed.
    pub fn transports(&self) -> &'static [Transport] {
        match self.needs {
            "stdio" => &[Transport::Stdio],
            "http" | "authz" => &[Transport::Http],
            // Client-only requirements need nothing of a server.
            _ if self.area.starts_with("transport/http") => &[Transport::Http],
            _ if self.area.starts_with("authorization") => &[Transport::Http],
            _ if self.area.starts_with("transport/stdio") => &[Transport::Stdio],
            _ => &[Transport::Stdio, Transport::Http],
        }
    }
}

/// Returns the address of a page of the repository's folder `docs`, which is the site.
fn on_site(page: &str) -> String {
    let page = page.trim_end_matches(".mdx");
    let page = page.trim_end_matches("/index");
    format!("{SITE}/{}", page.strip_prefix("docs/").unwrap_or(page))
}

/// The catalog.
#[derive(Debug)]
pub struct Catalog {
    rows: Vec<Requirement>,
}

impl Catalog {
    /// Returns all rows in the order of the specification.
    pub fn rows(&self) -> &[Requirement] {
        &self.rows
    }

    /// Finds a row by its id.
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.rows.iter().find(|row| row.id == id)
    }

    fn parse(table: &'static str) -> Result<Self, String> {
        let rows = table.lines().enumerate().skip(1);
        let rows = rows.map(|(index, line)| {
            parse_row(line).ok_or_else(|| format!("line {} of the catalog is malformed", index + 1))
        });
        Ok(Self {
            rows: rows.collect::<Result<_, _>>()?,
        })
    }
}

fn parse_row(line: &'static str) -> Option<Requirement> {
    let cells: Vec<&'static str> = line.split('\t').collect();
    let cells: [&'static str; COLUMNS] = cells.try_into().ok()?;
    let [
        id,
        wording,
        party,
        binds,
        area,
        page,
        section,
        since,
        until,
        requirement,
        violation,
        server,
        needs,
        client,
        unobservable,
        disputed,
    ] = cells;
    let known = |revision| REVISIONS.contains(&revision);
    if !known(since) || !(until.is_empty() || known(until)) {
        return None;
    }
    Some(Requirement {
        id,
        level: Level::parse(wording)?,
        wording,
        party,
        binds: Bound::parse(binds)?,
        area,
        page,
        section,
        since,
        until,
        requirement,
        violation,
        server_testable: yes_or_no(server)?,
        needs,
        client_testable: yes_or_no(client)?,
        unobservable,
        disputed,
    })
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// Returns the catalog of the revision that this build judges.
///
/// # Panics
///
/// When the embedded table is malformed, which a test of this module excludes.
pub fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| match Catalog::parse(TABLE) {
        Ok(catalog) => catalog,
        Err(reason) => panic!("{reason}"),
    });
    &CATALOG
}

/// A correction made when the catalog was compared with the specification's text again.
#[derive(Clone, Copy, Debug)]
pub struct Correction {
    /// The row.
    pub id: &'static str,
    /// The change.
    pub what: &'static str,
    /// The reason.
    pub why: &'static str,
}

/// All corrections.
pub fn corrections() -> impl Iterator<Item = Correction> {
    let rows = include_str!("../../requirements/corrections.tsv").lines();
    rows.skip(1).filter_map(|line| {
        let mut cells = line.split('\t');
        Some(Correction {
            id: cells.next()?,
            what: cells.next()?,
            why: cells.next()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_is_well_formed_and_named_once() {
        let catalog = Catalog::parse(TABLE).expect("the catalog parses");
        assert_eq!(catalog.rows().len(), TABLE.lines().count() - 1);
        let names: HashSet<_> = catalog.rows().iter().map(|row| row.id).collect();
        assert_eq!(names.len(), catalog.rows().len(), "duplicate id");
    }

    #[test]
    fn every_row_holds_in_the_revision_and_has_a_sentence() {
        for row in catalog().rows() {
            assert!(row.since <= REVISION, "{}", row.id);
            assert!(row.until.is_empty() || row.until >= REVISION, "{}", row.id);
            assert!(row.requirement.ends_with('.'), "{}", row.id);
            assert!(
                !row.violation.is_empty() || !(row.server_testable || row.client_testable),
                "{}: no description of a violation",
                row.id
            );
        }
    }

    #[test]
    fn only_rows_that_a_server_shows_have_a_reason_for_being_unchecked() {
        for row in catalog().rows() {
            assert!(
                row.unobservable.is_empty() || row.server_testable,
                "{}",
                row.id
            );
        }
    }

    #[test]
    fn every_row_quotes_one_sentence() {
        let rows = catalog().rows();
        assert_eq!(quotations().len(), rows.len());
        for (row, quoted) in rows.iter().zip(quotations()) {
            assert_eq!(row.id, quoted.id);
            assert!(!quoted.sentence.is_empty(), "{}: no sentence", row.id);
            assert!(row.sentence_link().starts_with("https://"), "{}", row.id);
        }
    }

    #[test]
    fn a_must_binds_somebody_and_a_reading_without_a_bound_party_is_disputed() {
        for row in catalog().rows() {
            if row.binds == Bound::Nobody {
                assert!(row.level < Level::Must, "{} binds nobody", row.id);
                assert!(!row.disputed.is_empty(), "{}: no reason", row.id);
            }
        }
    }

    #[test]
    fn a_quotation_links_to_its_own_page() {
        for (id, link) in [
            (
                "ping.respond",
                "/basic/utilities/ping#behavior-requirements",
            ),
            (
                "ping.before-initialized",
                "/2025-06-18/basic/utilities/ping",
            ),
            (
                "jsonrpc.parse-error",
                "https://www.jsonrpc.org/specification#error_object",
            ),
            ("pagination.continue", "/2025-06-18/schema"),
        ] {
            let row = catalog().get(id).expect("the row exists");
            let found = row.sentence_link();
            assert!(found.contains(link), "{id}: {found}");
        }
    }

    #[test]
    fn every_correction_names_a_row() {
        let lines = include_str!("../../requirements/corrections.tsv").lines();
        assert_eq!(corrections().count(), lines.count() - 1);
        for correction in corrections() {
            assert!(catalog().get(correction.id).is_some(), "{}", correction.id);
            assert!(!correction.what.is_empty() && !correction.why.is_empty());
        }
    }

    #[test]
    fn malformed_rows_are_rejected() {
        let row = |level: &str, since: &str, until: &str| {
            format!("head\na\t{level}\tb\tserver\tc\td\te\t{since}\t{until}\tf\tg\tyes\t\tno\t\t")
                .leak()
        };
        assert!(Catalog::parse(row("MUST", "2025-06-18", "")).is_ok());
        assert!(Catalog::parse(row("MUST", "2025-03-26", "2025-11-25")).is_ok());
        assert!(Catalog::parse(row("PERHAPS", "2025-06-18", "")).is_err());
        assert!(Catalog::parse(row("MUST", "yesterday", "")).is_err());
        assert!(Catalog::parse(row("MUST", "2025-06-18", "tomorrow")).is_err());
        assert!(Catalog::parse("head\na\tMUST\tserver").is_err());
    }

    #[test]
    fn links_lead_to_the_section() {
        for (id, link) in [
            (
                "tools.unique-names",
                "https://modelcontextprotocol.io/specification/2025-06-18/server/tools#tool",
            ),
            (
                "base.request.id-present",
                "https://modelcontextprotocol.io/specification/2025-06-18/basic#requests",
            ),
            (
                "base.meta.prefix-form",
                "https://modelcontextprotocol.io/specification/2025-06-18/basic#meta",
            ),
            (
                "cancel.id-type-sensitive",
                "https://modelcontextprotocol.io/specification/2025-06-18/schema#cancellednotification",
            ),
            (
                "progress.works-on-any-request",
                "https://github.com/modelcontextprotocol/modelcontextprotocol/blob/2025-06-18/schema/2025-06-18/schema.ts",
            ),
            (
                "security.session.not-auth",
                "https://github.com/modelcontextprotocol/modelcontextprotocol/blob/2025-06-18/docs/specification/2025-06-18/basic/security_best_practices.mdx#session-hijacking",
            ),
            (
                "security.guide.ssrf",
                "https://modelcontextprotocol.io/docs/2025-06-18/tutorials/security/security_best_practices#server-side-request-forgery-ssrf",
            ),
            (
                "transport.utf8",
                "https://modelcontextprotocol.io/specification/2025-06-18/basic/transports",
            ),
        ] {
            let row = catalog().get(id).expect("the row exists");
            assert_eq!(row.link(), link);
        }
    }
}
