//! `coverage`: a summary, or the committed page.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};

use crate::coverage::{Row, Share, Totals, by_area, page, server_rows};
use crate::report::human::Style;

/// The options of `coverage`.
#[derive(Debug, Args)]
pub(super) struct CoverageOptions {
    /// The output format.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    /// Totals by area.
    #[default]
    Human,
    /// The page with every requirement.
    Markdown,
}

/// Returns the coverage as text.
pub(super) fn write(options: &CoverageOptions, style: Style) -> String {
    match options.format {
        Form::Human => table(style),
        Form::Markdown => page(),
    }
}

fn table(style: Style) -> String {
    let areas = by_area(server_rows());
    let width = areas.keys().map(|area| area.len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    let mut push = |name: &str, cells: [String; 7], code: &str| {
        let cells: String = cells.iter().map(|cell| format!("  {cell:>9}")).collect();
        let line = format!("{name:<width$}{cells}");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", style.paint(code, &line));
    };
    push("", Totals::COLUMNS.map(str::to_owned), "1");
    let mut all: Vec<Row> = Vec::new();
    for (area, rows) in areas {
        push(area, cells(Totals::of(&rows)), "0");
        all.extend(rows);
    }
    push("all", cells(Totals::of(&all)), "1");
    text
}

fn cells(totals: Totals) -> [String; 7] {
    totals.shares().map(|Share { rows, checked }| {
        if rows == 0 {
            String::new()
        } else {
            format!("{checked}/{rows}")
        }
    })
}
