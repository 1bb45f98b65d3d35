//! The latencies of each second as an HdrHistogram log (version 2, compressed), which the viewers
//! and processors of that format read.

use std::fs::File;
use std::io::BufWriter;
use std::time::{Duration, SystemTime};

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriter, IntervalLogWriterBuilder, Tag};

use super::figures::Latencies;
use crate::exit::{Exit, Failure};

/// The logged maxima are milliseconds, as the format's own tools write them.
const NS_PER_LOGGED_UNIT: f64 = 1_000_000.0;

/// A log that is being written.
pub(super) struct HistogramLog<'a> {
    writer: IntervalLogWriter<'a, 'a, BufWriter<File>, V2DeflateSerializer>,
    start_ns: u64,
    since_ns: u64,
}

impl<'a> HistogramLog<'a> {
    /// Writes the head. Times in the log count from `start_ns`.
    pub(super) fn begin(
        into: &'a mut BufWriter<File>,
        serializer: &'a mut V2DeflateSerializer,
        start_ns: u64,
    ) -> Result<HistogramLog<'a>, Failure> {
        let start = SystemTime::UNIX_EPOCH + Duration::from_nanos(start_ns);
        let writer = IntervalLogWriterBuilder::new()
            .add_comment("gwanmun load: nanoseconds from the moment an order was due to its answer")
            .with_start_time(start)
            .with_base_time(start)
            .with_max_value_divisor(NS_PER_LOGGED_UNIT)
            .begin_log_with(into, serializer)?;
        Ok(HistogramLog {
            writer,
            start_ns,
            since_ns: start_ns,
        })
    }

    /// Adds what was measured since the last call.
    pub(super) fn interval(&mut self, latencies: &Latencies, now_ns: u64) -> Result<(), Failure> {
        let tag = Tag::new("orders");
        self.write(latencies, self.since_ns, now_ns, tag)?;
        self.since_ns = now_ns;
        Ok(())
    }

    /// Adds what was measured over the whole run under a name of its own.
    pub(super) fn whole(
        &mut self,
        name: &str,
        latencies: &Latencies,
        now_ns: u64,
    ) -> Result<(), Failure> {
        self.write(latencies, self.start_ns, now_ns, Tag::new(name))
    }

    fn write(
        &mut self,
        latencies: &Latencies,
        since_ns: u64,
        now_ns: u64,
        tag: Option<Tag<'_>>,
    ) -> Result<(), Failure> {
        let begin = Duration::from_nanos(since_ns.saturating_sub(self.start_ns));
        let length = Duration::from_nanos(now_ns.saturating_sub(since_ns));
        self.writer
            .write_histogram(&latencies.0, begin, length, tag)
            .map_err(|error| Failure::new(Exit::Host, format!("the histogram log: {error}")))
    }
}
