//! The percentiles as an SVG: latency over percentile, both on scales that show the tail.

use core::error::Error;

use plotters::prelude::*;

use super::figures::Latencies;

const SIZE: (u32, u32) = (960, 540);
/// Points of the curve for each factor of ten towards 100 %.
const POINTS_PER_TEN: u32 = 24;

/// The document. Percentile `1 - 10^-x` stands at x; one curve for each of `curves` that measured
/// something.
pub(super) fn percentiles(
    title: &str,
    curves: &[(&str, &Latencies)],
) -> Result<String, Box<dyn Error>> {
    let curves: Vec<(&str, Vec<(f64, f64)>)> = curves
        .iter()
        .filter(|(_, latencies)| !latencies.0.is_empty())
        .map(|(name, latencies)| (*name, points(latencies)))
        .collect();
    let ends = |f: &dyn Fn(&(f64, f64)) -> f64| {
        let all = curves.iter().flat_map(|(_, points)| points.iter().map(f));
        all.fold((f64::MAX, f64::MIN), |(low, high), v| {
            (low.min(v), high.max(v))
        })
    };
    let (_, x_max) = ends(&|point| point.0);
    let (y_min, y_max) = ends(&|point| point.1);
    let mut document = String::new();
    {
        let root = SVGBackend::with_string(&mut document, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let (x_max, y_min, y_max) = if curves.is_empty() {
            (1.0, 1.0, 10.0)
        } else {
            (x_max.max(1.0), (y_min * 0.8).max(0.1), y_max * 1.25)
        };
        let mut chart = ChartBuilder::on(&root)
            .caption(title, ("sans-serif", 20))
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(72)
            .build_cartesian_2d(0.0..x_max, (y_min..y_max).log_scale())?;
        chart
            .configure_mesh()
            .x_desc("percentile")
            .y_desc("microseconds from due to answered")
            .x_labels(8)
            .x_label_formatter(&|nines| percentile_text(*nines))
            .y_label_formatter(&|us| format!("{us}"))
            .draw()?;
        for ((name, points), color) in curves.iter().zip([BLUE, RED, GREEN]) {
            chart
                .draw_series(LineSeries::new(
                    points.iter().copied(),
                    color.stroke_width(2),
                ))?
                .label(*name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .border_style(BLACK)
            .background_style(WHITE)
            .draw()?;
        root.present()?;
    }
    Ok(document)
}

/// Pairs of nines (2 is 99 %) and microseconds, up to the last sample.
fn points(latencies: &Latencies) -> Vec<(f64, f64)> {
    let count = as_f64(latencies.0.len());
    let nines_max = count.log10().max(1.0);
    let mut points = Vec::new();
    for step in 0.. {
        let nines = f64::from(step) / f64::from(POINTS_PER_TEN);
        if nines > nines_max {
            break;
        }
        let quantile = 1.0 - 10.0_f64.powf(-nines);
        let ns = latencies.0.value_at_quantile(quantile);
        points.push((nines, as_f64(ns).max(100.0) / 1_000.0));
    }
    points
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a pixel is coarser than 53 bits"
)]
fn as_f64(number: u64) -> f64 {
    number as f64
}

fn percentile_text(nines: f64) -> String {
    let text = format!("{:.4}", 100.0 * (1.0 - 10.0_f64.powf(-nines)));
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_xml_with_a_curve_and_hostile_names_stay_text() {
        let mut latencies = Latencies::default();
        for ns in 1..=10_000 {
            latencies.record(ns * 1_000);
        }
        let empty = Latencies::default();
        let title = "<b> & \"x\"";
        let text = percentiles(title, &[("or<ders", &latencies), ("none", &empty)]).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        let named = |name: &str| {
            let nodes = document
                .descendants()
                .filter(|node| node.has_tag_name(name));
            nodes.collect::<Vec<_>>()
        };
        let texts: Vec<&str> = named("text")
            .iter()
            .filter_map(|node| node.text())
            .map(str::trim)
            .collect();
        assert!(texts.contains(&title), "{texts:?}");
        assert!(
            texts.contains(&"or<ders") && !texts.contains(&"none"),
            "{texts:?}"
        );
        let longest = named("polyline")
            .iter()
            .filter_map(|node| node.attribute("points"))
            .map(|points| points.split_whitespace().count())
            .max();
        assert_eq!(longest, Some(4 * 24 + 1), "four factors of ten");
    }

    #[test]
    fn nothing_measured_is_a_document_too() {
        let text = percentiles("empty", &[]).unwrap();
        assert!(roxmltree::Document::parse(&text).is_ok());
    }

    #[test]
    fn the_curve_is_what_was_measured() {
        let mut latencies = Latencies::default();
        for ns in 1..=1_000 {
            latencies.record(ns * 1_000);
        }
        let points = points(&latencies);
        let at = |nines: f64| {
            points
                .iter()
                .find(|point| (point.0 - nines).abs() < 1e-9)
                .unwrap()
                .1
        };
        assert!((at(1.0) - 900.0).abs() < 2.0, "{}", at(1.0));
        assert!((at(2.0) - 990.0).abs() < 2.0, "{}", at(2.0));
        assert_eq!(percentile_text(3.0), "99.9 %");
    }
}
