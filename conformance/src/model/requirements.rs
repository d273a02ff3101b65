//! The catalog of requirements: what MCP 2025-06-18 asks of its parties, one
//! row for each requirement.
//!
//! The rows are data (`requirements/2025-06-18.tsv`); checks name them by id.
//! Where the catalog was wrong once stands next to them
//! (`requirements/corrections.tsv`).

use std::fmt;
use std::sync::LazyLock;

use serde::Serialize;

use super::transport::Transport;

/// The protocol revision that the catalog and every check describe.
pub const REVISION: &str = "2025-06-18";

/// The revisions with which the rows were compared, for `since` and `until`.
pub const REVISIONS: [&str; 4] = ["2024-11-05", "2025-03-26", REVISION, "2025-11-25"];

const TABLE: &str = include_str!("../../requirements/2025-06-18.tsv");
const COLUMNS: usize = 14;

/// How strongly the specification asks for something.
///
/// `must*` and `should*` rows are normative by the schema, by JSON-RPC or by
/// prose without the capital letters; they count like the capital ones.
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
    /// The level that a wording of the catalog has.
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

/// One row of the catalog.
#[derive(Clone, Debug, Serialize)]
pub struct Requirement {
    /// Stable name, for example `tools.unique-names`.
    pub id: &'static str,
    /// Strength, with the starred levels folded into the plain ones.
    pub level: Level,
    /// Level as the catalog spells it: `MUST NOT`, `should*` and so on.
    pub wording: &'static str,
    /// Who is bound: `server`, `client`, `both`, `transport-host`, `authorization`.
    pub party: &'static str,
    /// Part of the protocol, for example `server/tools`.
    pub area: &'static str,
    /// Page of the specification, as a path in its repository.
    pub page: &'static str,
    /// Section on that page: the heading, after ` / ` where it stands below
    /// another one, and before `;` where there is more to say. In parentheses
    /// stands what has no heading.
    pub section: &'static str,
    /// The first revision that asks for it.
    pub since: &'static str,
    /// The last revision that asks for it; nothing where the newest one with
    /// which the catalog was compared still does.
    #[serde(serialize_with = "null_if_empty")]
    pub until: &'static str,
    /// What is required, in one sentence.
    pub requirement: &'static str,
    /// What a violation looks like from outside.
    pub violation: &'static str,
    /// Whether a server shows it.
    pub server_testable: bool,
    /// What a check needs: `generic`, `fixture`, `http`, `stdio`, `authz` or nothing.
    pub needs: &'static str,
    /// Whether a client shows it.
    pub client_testable: bool,
    /// Why a black box cannot check it, though a server shows it.
    #[serde(serialize_with = "null_if_empty")]
    pub unobservable: &'static str,
}

fn null_if_empty<S: serde::Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    (!text.is_empty()).then_some(text).serialize(serializer)
}

impl Requirement {
    /// Address of the section that states the requirement.
    ///
    /// The types of the schema stand on a page of their own; what has no
    /// place there is linked to the source of the schema. The page on security
    /// was moved away after the revision, so that its tag is the only address
    /// that keeps the text.
    pub fn link(&self) -> String {
        const SITE: &str = "https://modelcontextprotocol.io";
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
            let page = self.page.trim_end_matches(".mdx");
            let page = page.trim_end_matches("/index");
            // The repository's folder `docs` is the site.
            format!("{SITE}/{}", page.strip_prefix("docs/").unwrap_or(page))
        };
        match anchor {
            None => address,
            Some(anchor) => format!("{address}#{anchor}"),
        }
    }

    /// The anchor that the site makes from the heading of the section.
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

    /// Over which transports there is something to see.
    pub fn transports(&self) -> &'static [Transport] {
        match self.needs {
            "stdio" => &[Transport::Stdio],
            "http" | "authz" => &[Transport::Http],
            // What only a client shows needs nothing of a server.
            _ if self.area.starts_with("transport/http") => &[Transport::Http],
            _ if self.area.starts_with("authorization") => &[Transport::Http],
            _ if self.area.starts_with("transport/stdio") => &[Transport::Stdio],
            _ => &[Transport::Stdio, Transport::Http],
        }
    }
}

/// The catalog.
#[derive(Debug)]
pub struct Catalog {
    rows: Vec<Requirement>,
}

impl Catalog {
    /// All rows in the order of the specification.
    pub fn rows(&self) -> &[Requirement] {
        &self.rows
    }

    /// The row with this id.
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
    })
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// The catalog of the revision that this build judges.
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

/// A correction that the catalog needed after it was compared with the
/// specification's text once more.
#[derive(Clone, Copy, Debug)]
pub struct Correction {
    /// The row.
    pub id: &'static str,
    /// What was changed.
    pub what: &'static str,
    /// Why.
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
        assert_eq!(names.len(), catalog.rows().len(), "an id stands twice");
    }

    #[test]
    fn every_row_holds_in_the_revision_and_has_a_sentence() {
        for row in catalog().rows() {
            assert!(row.since <= REVISION, "{}", row.id);
            assert!(row.until.is_empty() || row.until >= REVISION, "{}", row.id);
            assert!(row.requirement.ends_with('.'), "{}", row.id);
            assert!(
                !row.violation.is_empty() || !(row.server_testable || row.client_testable),
                "{}: nobody knows what a violation looks like",
                row.id
            );
        }
    }

    #[test]
    fn only_what_a_server_shows_needs_a_reason_for_not_being_checked() {
        for row in catalog().rows() {
            assert!(
                row.unobservable.is_empty() || row.server_testable,
                "{}",
                row.id
            );
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
    fn a_row_that_is_not_as_it_should_be_is_refused() {
        let row = |level: &str, since: &str, until: &str| {
            format!("head\na\t{level}\tb\tc\td\te\t{since}\t{until}\tf\tg\tyes\t\tno\t").leak()
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
