//! The one chart: how many times slower.

use std::fmt::Write as _;
use std::path::Path;

use super::Slowdown;

/// What was said about a check at the market's centre.
const FEARED: f64 = 4.0;
const WIDTH: f64 = 640.0;
const BAR: f64 = 30.0;
const LEFT: f64 = 250.0;

/// Draws the ratios, no check being 1.
///
/// # Errors
/// The file cannot be written.
pub fn draw(measured: &Slowdown, path: &Path) -> Result<(), String> {
    std::fs::write(path, svg(measured)).map_err(|error| format!("{}: {error}", path.display()))
}

fn svg(measured: &Slowdown) -> String {
    let rows = [
        ("no check", 1.0, "#888"),
        (
            "short-sale check, inline",
            measured.short_sale_ratio.median,
            "#2a7",
        ),
        ("whole list, inline", measured.list_ratio.median, "#2a7"),
        ("feared in 2024, 3.5 to 4", FEARED, "#c52"),
        (
            "check one loopback hop away",
            measured.central_ratio(),
            "#c52",
        ),
    ];
    let most = rows.iter().map(|row| row.1).fold(1.0, f64::max);
    let height = 50.0 + BAR * 1.4 * rows.len() as f64;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"24\" font-size=\"16\">How many times slower is an order?</text>\n"
    );
    for (index, (name, ratio, colour)) in rows.iter().enumerate() {
        let y = 44.0 + BAR * 1.4 * index as f64;
        let length = (WIDTH - LEFT - 80.0) * ratio / most;
        // A string takes whatever it is given.
        let _ = writeln!(
            text,
            "<text x=\"10\" y=\"{:.0}\">{name}</text>\
             <rect x=\"{LEFT}\" y=\"{y:.0}\" width=\"{length:.1}\" height=\"{BAR}\" \
             fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{:.0}\">{ratio:.2}</text>",
            y + 20.0,
            LEFT + length + 8.0,
            y + 20.0
        );
    }
    text.push_str("</svg>\n");
    text
}
