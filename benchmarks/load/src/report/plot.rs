//! Plots of growth, as SVG.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use plotters::prelude::*;

use crate::candidates::Family;
use crate::parts::growth::{Growth, Point, Series};

const WIDTH: u32 = 960;
const HEIGHT: u32 = 410;
const LEGEND: i32 = 30;
const FONT: (&str, u32) = ("sans-serif", 15);

/// Writes a file per growing quantity.
pub fn write(folder: &Path, growth: &[Growth]) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for growth in growth {
        let file = folder.join(format!("{}.svg", growth.name));
        let mut svg = String::new();
        draw(growth, &mut svg).map_err(|error| anyhow!("cannot draw: {error}"))?;
        std::fs::write(&file, svg).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Draws the legend above, throughput at the left, memory at the right.
fn draw(growth: &Growth, svg: &mut String) -> Drawn {
    let area = SVGBackend::with_string(svg, (WIDTH, HEIGHT)).into_drawing_area();
    area.fill(&WHITE)?;
    let (top, panels) = area.split_vertically(LEGEND);
    let width = WIDTH as i32 / (growth.series.len() as i32).max(1);
    for (series, left) in growth.series.iter().zip((12..).step_by(width as usize)) {
        let middle = LEGEND / 2;
        let style = ShapeStyle::from(colour(series)).stroke_width(2);
        top.draw(&PathElement::new(
            [(left, middle), (left + 18, middle)],
            style,
        ))?;
        let name = series.name.clone();
        top.draw(&Text::new(
            name,
            (left + 24, middle - 7),
            ("sans-serif", 12),
        ))?;
    }
    let (left, right) = panels.split_horizontally(WIDTH / 2);
    let rate = |point: &Point| point.rate;
    panel(&left, growth, "requests in a second", rate)?;
    let memory = |point: &Point| point.resident as f64 / f64::from(1 << 20);
    panel(&right, growth, "MiB of memory", memory)?;
    area.present()?;
    Ok(())
}

fn panel<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    growth: &Growth,
    title: &str,
    value: fn(&Point) -> f64,
) -> Drawn
where
    DB::ErrorType: 'static,
{
    let points = || growth.series.iter().flat_map(|series| &series.points);
    let sizes = points().map(|point| point.size as f64);
    let values = points().map(value);
    let mut chart = ChartBuilder::on(area)
        .caption(title, FONT)
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(around(sizes).log_scale(), around(values).log_scale())?;
    chart
        .configure_mesh()
        .x_desc(growth.axis)
        .light_line_style(WHITE)
        .x_label_formatter(&|value| count(*value))
        .y_label_formatter(&|value| count(*value))
        .draw()?;
    for series in &growth.series {
        let style = ShapeStyle::from(colour(series)).stroke_width(2);
        let line = series
            .points
            .iter()
            .map(|point| (point.size as f64, value(point)));
        chart.draw_series(LineSeries::new(line.clone(), style))?;
        let dots = line.map(|place| Circle::new(place, 3, style.filled()));
        chart.draw_series(dots)?;
    }
    Ok(())
}

/// Returns a range that contains all values.
fn around(values: impl Iterator<Item = f64>) -> std::ops::Range<f64> {
    let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
    for value in values {
        (least, most) = (least.min(value), most.max(value));
    }
    least.max(f64::MIN_POSITIVE) / 1.3..most * 1.3
}

/// Returns a colour that people with any colour vision can tell apart.
fn colour(series: &Series) -> RGBColor {
    match series.family {
        Family::Host3 => RGBColor(0, 114, 178),
        Family::Host2 => RGBColor(0, 158, 115),
        Family::Other => RGBColor(86, 180, 233),
        Family::Runtime => RGBColor(230, 159, 0),
        Family::Rmcp => RGBColor(213, 94, 0),
        Family::Floor => RGBColor(120, 120, 120),
        Family::Peer => RGBColor(204, 121, 167),
    }
}

/// Formats a number on an axis, briefly: 16,777,216 is too long.
fn count(value: f64) -> String {
    match value {
        ..1.0 => format!("{value:.1}"),
        ..1e3 => format!("{value:.0}"),
        ..1e6 => format!("{:.0}k", value / 1e3),
        _ => format!("{:.0}M", value / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_is_written() {
        let point = |size| Point {
            size,
            rate: 1e5 / size as f64,
            resident: size as u64 * 4096,
            cpu: 1.0,
        };
        let growth = Growth {
            name: "payload",
            axis: "bytes",
            series: vec![Series {
                name: "the floor".to_owned(),
                family: Family::Floor,
                points: [100, 10_000, 1_000_000].map(point).to_vec(),
            }],
        };
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[growth]).unwrap();
        let svg = std::fs::read_to_string(folder.path().join("payload.svg")).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("the floor"));
    }
}
