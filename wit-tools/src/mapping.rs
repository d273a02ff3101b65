//! The account of the MCP schema: the place in the package of each of its methods, notifications,
//! definitions and properties.
//!
//! The account is `proposal/mapping.tsv`: a line of column names, then one line for each item with
//! four columns, separated by tabs.
//!
//! - `kind`: `method`, `notification`, `definition` or `property`;
//! - `name`: as in the schema; for a property, the definition's name and the path in it, as in
//!   `Tool.inputSchema.type`;
//! - `places`: [places](crate::place) in the package, separated by `, `, or `-` for none;
//! - `reason`: empty if the place is enough. `wire: ...` explains that the host alone handles it.
//!   `deviation: NAME` marks a difference between the package and the schema;
//!   `proposal/deviations.md` explains it under that name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};

use crate::package::Package;
use crate::place;

/// The first line of the account.
pub const HEADER: &str = "kind\tname\tplaces\treason";

/// The kinds of items of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The method of a request.
    Method,
    /// The method of a notification.
    Notification,
    /// A definition.
    Definition,
    /// A property of a definition, or of an object in one.
    Property,
}

impl Kind {
    /// Every kind, in the order of the account.
    pub const ALL: [Self; 4] = [
        Self::Method,
        Self::Notification,
        Self::Definition,
        Self::Property,
    ];

    /// Returns the kind's name in the account.
    pub fn name(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Notification => "notification",
            Self::Definition => "definition",
            Self::Property => "property",
        }
    }

    /// Returns the number of such items in the schema of 2025-06-18.
    pub fn expected(self) -> usize {
        match self {
            Self::Method => 16,
            Self::Notification => 9,
            Self::Definition => 91,
            Self::Property => 316,
        }
    }
}

/// Reasons why an item has no place, or not quite the place that one would expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The host alone handles it; the text explains why.
    Wire(String),
    /// The package differs from the schema: the name of a deviation.
    Deviation(String),
}

/// One item of the schema and its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The kind.
    pub kind: Kind,
    /// Its name in the schema.
    pub name: String,
    /// Its places in the package.
    pub places: Vec<String>,
    /// The reason for a missing place, or a remark about it.
    pub reason: Option<Reason>,
}

/// The whole account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Its rows, in the order of the file.
    pub rows: Vec<Row>,
}

impl Mapping {
    /// Reads an account.
    ///
    /// # Errors
    ///
    /// If the text does not have the form that this module describes; the error names the line.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines();
        ensure!(
            lines.next() == Some(HEADER),
            "the first line is not `{HEADER}`"
        );
        let rows = lines
            .enumerate()
            .map(|(index, line)| row(line).with_context(|| format!("line {}", index + 2)))
            .collect::<Result<_>>()?;
        Ok(Self { rows })
    }

    /// Returns the rows of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.kind == kind)
    }

    /// Returns the names of deviations, each with the rows that refer to it.
    pub fn deviations(&self) -> BTreeMap<&str, Vec<&Row>> {
        let mut deviations: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in &self.rows {
            if let Some(Reason::Deviation(name)) = &row.reason {
                deviations.entry(name).or_default().push(row);
            }
        }
        deviations
    }

    /// Returns the internal errors of the account: counts that differ from the schema's, duplicate
    /// names, items with neither place nor reason.
    pub fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        for kind in Kind::ALL {
            let (count, expected) = (self.of(kind).count(), kind.expected());
            if count != expected {
                gaps.push(format!(
                    "{count} rows of kind {} instead of {expected}",
                    kind.name()
                ));
            }
        }
        let mut seen = BTreeSet::new();
        for row in &self.rows {
            if !seen.insert((row.kind, &row.name)) {
                gaps.push(format!("{} {} comes twice", row.kind.name(), row.name));
            }
            if row.places.is_empty() && row.reason.is_none() {
                gaps.push(format!(
                    "{} {} has no place and no reason",
                    row.kind.name(),
                    row.name
                ));
            }
        }
        gaps
    }

    /// Returns places that do not exist. In the package for 0.2 a place may be missing if the row
    /// names a deviation and has at least one place in the package for 0.3.
    pub fn lost_places(&self, package: &Package, of_0_2: bool) -> Vec<String> {
        let mut lost = Vec::new();
        for row in &self.rows {
            let excused = of_0_2 && matches!(row.reason, Some(Reason::Deviation(_)));
            for place in &row.places {
                if let Err(error) = place::find(package, place)
                    && !excused
                {
                    lost.push(format!("{} {}: {error:#}", row.kind.name(), row.name));
                }
            }
        }
        lost
    }
}

fn row(line: &str) -> Result<Row> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [kind, name, places, reason] = columns.as_slice() else {
        bail!("{} columns instead of 4", columns.len());
    };
    let kind = Kind::ALL
        .into_iter()
        .find(|known| known.name() == *kind)
        .with_context(|| format!("the kind `{kind}` is unknown"))?;
    ensure!(!name.is_empty(), "an empty name");
    let places = match *places {
        "-" => Vec::new(),
        places => places.split(", ").map(str::to_owned).collect(),
    };
    ensure!(
        places.iter().all(|place| !place.is_empty()),
        "an empty place"
    );
    let reason = match reason.split_once(": ") {
        None if reason.is_empty() => None,
        Some(("wire", text)) if !text.is_empty() => Some(Reason::Wire(text.to_owned())),
        Some(("deviation", name)) if !name.is_empty() => Some(Reason::Deviation(name.to_owned())),
        _ => bail!("the reason `{reason}` begins neither with `wire: ` nor with `deviation: `"),
    };
    Ok(Row {
        kind,
        name: (*name).to_owned(),
        places,
        reason,
    })
}
