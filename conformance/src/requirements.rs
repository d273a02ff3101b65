//! The catalog of requirements: what MCP 2025-06-18 asks of its parties, one
//! row for each requirement.
//!
//! The rows are data (`requirements/2025-06-18.tsv`); checks name them by id.

use std::fmt;
use std::sync::LazyLock;

use serde::Serialize;

/// The protocol revision that the catalog and every check describe.
pub const REVISION: &str = "2025-06-18";

const TABLE: &str = include_str!("../requirements/2025-06-18.tsv");
const COLUMNS: usize = 11;

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
    fn parse(text: &str) -> Option<Self> {
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
    /// Section on that page.
    pub section: &'static str,
    /// What is required, in one sentence.
    pub requirement: &'static str,
    /// How a black box sees a violation.
    pub observable: &'static str,
    /// Whether a server shows it.
    pub server_testable: bool,
    /// What a check needs: `generic`, `fixture`, `http`, `stdio`, `authz` or nothing.
    pub needs: &'static str,
    /// Whether a client shows it.
    pub client_testable: bool,
}

impl Requirement {
    /// Address of the page that states the requirement.
    pub fn link(&self) -> String {
        const SITE: &str = "https://modelcontextprotocol.io/specification/2025-06-18";
        const SCHEMA: &str =
            "https://github.com/modelcontextprotocol/modelcontextprotocol/blob/main";
        if self.page.starts_with("schema/") {
            return format!("{SCHEMA}/{}", self.page);
        }
        let page = self
            .page
            .trim_start_matches("docs/specification/2025-06-18");
        let page = page.trim_end_matches(".mdx").trim_end_matches("/index");
        format!("{SITE}{page}")
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
        requirement,
        observable,
        server,
        needs,
        client,
    ] = cells;
    Some(Requirement {
        id,
        level: Level::parse(wording)?,
        wording,
        party,
        area,
        page,
        section,
        requirement,
        observable,
        server_testable: yes_or_no(server)?,
        needs,
        client_testable: yes_or_no(client)?,
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_is_well_formed_and_named_once() {
        let catalog = Catalog::parse(TABLE).expect("the catalog parses");
        assert_eq!(catalog.rows().len(), 495);
        let names: HashSet<_> = catalog.rows().iter().map(|row| row.id).collect();
        assert_eq!(names.len(), catalog.rows().len(), "an id stands twice");
    }

    #[test]
    fn the_rows_that_a_server_shows_are_counted() {
        let shown = catalog().rows().iter().filter(|row| row.server_testable);
        assert_eq!(shown.count(), 296);
    }

    #[test]
    fn a_row_with_a_cell_too_few_is_refused() {
        assert!(Catalog::parse("head\na\tMUST\tserver").is_err());
        assert!(Catalog::parse("head\na\tPERHAPS\tb\tc\td\te\tf\tg\tyes\t\tno").is_err());
    }

    #[test]
    fn links_lead_to_the_published_page() {
        let row = catalog().get("tools.unique-names").expect("the row exists");
        assert_eq!(
            row.link(),
            "https://modelcontextprotocol.io/specification/2025-06-18/server/tools"
        );
        let row = catalog()
            .get("base.request.id-present")
            .expect("the row exists");
        assert_eq!(
            row.link(),
            "https://modelcontextprotocol.io/specification/2025-06-18/basic"
        );
    }
}
