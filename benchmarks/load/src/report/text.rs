//! Tables, the same for a terminal and for Markdown.

use std::fmt::Write as _;

use crate::rounds::Comparison;
use crate::sample::Figure;

/// Returns a comparison as a table.
pub fn comparison(comparison: &Comparison) -> String {
    let best = comparison.best_rmcp().map(|best| best.summary.cpu);
    let ratio = |of: fn(&Figure) -> f64, own: &Figure| {
        best.map_or_else(String::new, |best| format!("{:.2}", of(own) / of(&best)))
    };
    let mut rows = vec![
        [
            "",
            "CPU us",
            "to rmcp",
            "least - most",
            "least to least",
            "per second",
            "p50 us",
            "p99 us",
            "MiB",
        ]
        .map(str::to_owned),
    ];
    for outcome in &comparison.outcomes {
        let summary = &outcome.summary;
        let Figure {
            median,
            least,
            most,
        } = summary.cpu;
        rows.push([
            outcome.name.clone(),
            micros(median),
            ratio(|cpu| cpu.median, &summary.cpu),
            format!("{} - {}", micros(least), micros(most)),
            ratio(|cpu| cpu.least, &summary.cpu),
            format!("{:.0}", summary.rate.median),
            micros(summary.median.median),
            micros(summary.p99.median),
            format!("{:.1}", summary.resident as f64 / f64::from(1 << 20)),
        ]);
    }
    format!("**{}**\n\n{}", comparison.title, table(&rows))
}

/// Formats a size in a suitable unit.
pub fn bytes(size: f64) -> String {
    let (kib, mib, gib) = (1024.0, 1024.0 * 1024.0, 1024.0 * 1024.0 * 1024.0);
    match size {
        size if size < mib => format!("{:.1} KiB", size / kib),
        size if size < gib => format!("{:.1} MiB", size / mib),
        size => format!("{:.2} GiB", size / gib),
    }
}

/// Formats microseconds with the significant digits.
pub fn micros(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Formats a table with the head in its first row; all columns but the first are numbers.
pub fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [3; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    for (index, row) in rows.iter().enumerate() {
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let written = match column {
                0 => write!(out, "| {cell:<width$} |"),
                _ => write!(out, " {cell:>width$} |"),
            };
            written.expect("memory takes any text");
        }
        out.push('\n');
        if index == 0 {
            for (column, width) in widths.iter().enumerate() {
                let line = "-".repeat(width + 1);
                let written = match column {
                    0 => write!(out, "|{line}-|"),
                    _ => write!(out, "{line}:|"),
                };
                written.expect("memory takes any text");
            }
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown() {
        let rows = [["", "us"], ["floor", "1.25"]].map(|row| row.map(str::to_owned));
        let expected = "|       |   us |\n|-------|-----:|\n| floor | 1.25 |";
        assert_eq!(table(&rows), expected);
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes(2048.0), "2.0 KiB");
        assert_eq!(bytes(3.5 * 1024.0 * 1024.0), "3.5 MiB");
    }
}
