//! What is seen while a run goes on: a bar on a terminal, and the histogram log.

use indicatif::{ProgressBar, ProgressStyle};

use super::drive::Watch;
use super::figures::{Figures, Latencies};
use super::histogram_log::HistogramLog;
use crate::exit::Failure;
use crate::show::grouped;

/// The bar, which shows itself on a terminal alone, and the log.
pub(super) struct Progress<'a> {
    bar: ProgressBar,
    start_ns: u64,
    log: Option<HistogramLog<'a>>,
}

impl<'a> Progress<'a> {
    pub(super) fn new(
        start_ns: u64,
        duration_ns: u64,
        log: Option<HistogramLog<'a>>,
    ) -> Progress<'a> {
        let bar = ProgressBar::new(duration_ns.div_ceil(1_000_000_000));
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} s, {msg}") {
            bar.set_style(style);
        }
        Progress { bar, start_ns, log }
    }

    /// Writes what the log has of the whole run, and takes the bar away.
    pub(super) fn finish(&mut self, figures: &Figures, now_ns: u64) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        if let Some(log) = &mut self.log {
            log.interval(&figures.interval, now_ns)?;
            log.whole("all-orders", &figures.latencies, now_ns)?;
            log.whole("all-under-fault", &figures.under_fault, now_ns)?;
            log.whole("all-cancels", &figures.cancel_latencies, now_ns)?;
        }
        Ok(())
    }
}

impl Watch for Progress<'_> {
    fn second(
        &mut self,
        now_ns: u64,
        figures: &Figures,
        interval: &Latencies,
    ) -> Result<(), Failure> {
        self.bar
            .set_position(now_ns.saturating_sub(self.start_ns) / 1_000_000_000);
        let us = |percentile| grouped(interval.0.value_at_percentile(percentile) / 1_000);
        self.bar.set_message(format!(
            "{} orders, {} open, p50 {} us, p99 {} us",
            grouped(figures.orders),
            grouped(figures.unanswered()),
            us(50.0),
            us(99.0)
        ));
        if let Some(log) = &mut self.log {
            log.interval(interval, now_ns)?;
        }
        Ok(())
    }
}
