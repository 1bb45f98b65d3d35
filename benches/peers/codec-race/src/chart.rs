//! The race as an SVG: one panel for each level and set, one bar for each candidate, the fastest at
//! the top, on a logarithmic scale of nanoseconds.

use std::fs;
use std::path::Path;

use plotters::prelude::*;

use crate::race::{Race, Row};

/// Panels that are drawn, in reading order.
const PANELS: [(&str, &str); 9] = [
    ("frame", "nos"),
    ("index", "nos"),
    ("index", "er"),
    ("index", "mdi"),
    ("index", "mds"),
    ("fields", "nos"),
    ("validated", "nos"),
    ("groups", "mdi"),
    ("encode", "nos"),
];
const COLUMNS: i32 = 3;
const PANEL_WIDTH: i32 = 400;
const ROW_HEIGHT: i32 = 17;
const HEAD_HEIGHT: i32 = 26;
const TITLE_HEIGHT: i32 = 46;
/// Where bars begin, and how long the longest may be; its figure stands behind it.
const BAR_START: i32 = 130;
const BAR_LENGTH: f64 = 200.0;
const OURS: RGBColor = RGBColor(20, 90, 160);
const OTHERS: RGBColor = RGBColor(150, 150, 150);
const LIMITS: RGBColor = RGBColor(205, 190, 150);

/// Reads what an earlier run printed with `--json`: the processor and the rows.
///
/// # Errors
/// The file cannot be read, or a line is not such a row.
pub fn read(file: &Path) -> Result<(String, Vec<Row>), String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let (mut cpu, mut rows) = (String::new(), Vec::new());
    for line in text.lines() {
        let value: serde_json::Value =
            serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))?;
        let text = |key: &str| value[key].as_str().ok_or(format!("{line}: no {key}"));
        let number = |key: &str| value[key].as_f64().ok_or(format!("{line}: no {key}"));
        let (level, set) = (text("level")?, text("set")?);
        let known = Race::cells().find(|&cell| cell == (level, set));
        let (level, set) = known.ok_or(format!("{line}: no such level and set"))?;
        text("cpu")?.clone_into(&mut cpu);
        rows.push(Row {
            level,
            set,
            candidate: text("candidate")?.to_owned(),
            ns_min: number("ns_min")?,
            ns_median: number("ns_median")?,
        });
    }
    Ok((cpu, rows))
}

/// Draws the rows into a file.
///
/// # Errors
/// The file cannot be written.
pub fn draw(file: &Path, rows: &[Row], cpu: &str) -> Result<(), String> {
    let panels: Vec<Vec<&Row>> = PANELS.iter().map(|&panel| sorted(rows, panel)).collect();
    let panels: Vec<Vec<&Row>> = panels.into_iter().filter(|rows| !rows.is_empty()).collect();
    let heights = panels.chunks(3).map(|line| {
        let most = line.iter().map(Vec::len).max().unwrap_or(0);
        HEAD_HEIGHT + ROW_HEIGHT * i32::try_from(most).unwrap_or(0) + 14
    });
    let heights: Vec<i32> = heights.collect();
    let height = TITLE_HEIGHT + heights.iter().sum::<i32>();
    let size = (1_200, u32::try_from(height).unwrap_or(600));
    let area = SVGBackend::new(file, size).into_drawing_area();
    let result = (|| {
        area.fill(&WHITE)?;
        let title = format!(
            "Nanoseconds per message, best turn, logarithmic; less is better. {cpu}, one core"
        );
        area.draw(&label(title, (12, 14), 15))?;
        let mut top = TITLE_HEIGHT;
        for (line, height) in panels.chunks(3).zip(&heights) {
            for (column, rows) in (0..COLUMNS).zip(line) {
                draw_panel(&area, rows, (column * PANEL_WIDTH, top))?;
            }
            top += height;
        }
        area.present()
    })();
    result.map_err(|error: DrawingAreaErrorKind<_>| format!("{}: {error}", file.display()))
}

fn sorted<'r>(rows: &'r [Row], (level, set): (&str, &str)) -> Vec<&'r Row> {
    let mut rows: Vec<&Row> = rows
        .iter()
        .filter(|row| row.level == level && row.set == set)
        .collect();
    rows.sort_by(|one, other| one.ns_min.total_cmp(&other.ns_min));
    rows
}

fn label(text: String, at: (i32, i32), size: i32) -> Text<'static, (i32, i32), String> {
    Text::new(text, at, ("sans-serif", size).into_font().color(&BLACK))
}

fn colour(candidate: &str) -> RGBColor {
    match candidate {
        "memcpy" | "sweep" | "memchr" => LIMITS,
        _ if candidate.starts_with("ours") => OURS,
        _ => OTHERS,
    }
}

type Area<'f> = DrawingArea<SVGBackend<'f>, plotters::coord::Shift>;
type Drawn<'f> = Result<(), DrawingAreaErrorKind<<SVGBackend<'f> as DrawingBackend>::ErrorType>>;

fn draw_panel<'f>(area: &Area<'f>, rows: &[&Row], (left, top): (i32, i32)) -> Drawn<'f> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Ok(());
    };
    let title = format!("{}, {}", first.level, first.set);
    area.draw(&label(title, (left + 12, top), 14))?;
    // Bars begin at one nanosecond.
    let longest = last.ns_min.max(2.0).ln();
    for (row, at) in rows.iter().zip(0_i32..) {
        let y = top + HEAD_HEIGHT - 4 + at * ROW_HEIGHT;
        area.draw(&label(row.candidate.clone(), (left + 12, y + 1), 12))?;
        let length = (row.ns_min.max(1.0).ln() / longest * BAR_LENGTH).round() as i32;
        let start = left + BAR_START;
        let bar = [(start, y), (start + length.max(1), y + ROW_HEIGHT - 4)];
        area.draw(&Rectangle::new(bar, colour(&row.candidate).filled()))?;
        let figure = match row.ns_min {
            ns if ns < 100.0 => format!("{ns:.1}"),
            ns => format!("{ns:.0}"),
        };
        area.draw(&label(figure, (start + length + 5, y + 1), 12))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_can_be_drawn() {
        let folder = std::env::temp_dir().join(format!("codec-race-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (json, svg) = (folder.join("race.json"), folder.join("race.svg"));
        let line = |candidate: &str, ns: f64| {
            format!(
                "{{\"level\":\"index\",\"set\":\"nos\",\"candidate\":\"{candidate}\",\
                 \"ns_min\":{ns},\"ns_median\":{ns},\"cpu\":\"a <processor>\"}}\n"
            )
        };
        let lines = [line("other", 250.0), line("ours", 25.5)];
        fs::write(&json, lines.concat()).unwrap();
        let (cpu, rows) = read(&json).unwrap();
        assert_eq!((cpu.as_str(), rows.len()), ("a <processor>", 2));
        draw(&svg, &rows, &cpu).unwrap();
        let drawn = fs::read_to_string(&svg).unwrap();
        // The fastest stands first.
        let place = |text: &str| drawn.find(text).unwrap();
        assert!(place("25.5") < place("250"), "{drawn}");
        assert!(drawn.contains("a &lt;processor&gt;"));
        fs::write(&json, "{}").unwrap();
        assert!(read(&json).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
