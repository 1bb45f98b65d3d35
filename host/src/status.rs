//! What the process leaves behind for whoever asks how it went: `status.json` in the day's folder,
//! written when it stops (captures/FORMAT.md, "The status").

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use gwanmun_gateway::stranger::StrangerFault;
use gwanmun_market::Text;
use gwanmun_runtime::clock::Clock;

use crate::capture_thread::CaptureSummary;
use crate::day::private_file;
use crate::stage_clock::{Histogram, StageTimes};
use crate::tls::TlsCounts;
use crate::venue_lines::VenueState;

/// Figures of one start.
pub(crate) struct Status<'a> {
    pub(crate) epoch: u32,
    pub(crate) orders: usize,
    pub(crate) times: &'a StageTimes,
    pub(crate) clock: &'a Clock,
    pub(crate) refused: [u64; StrangerFault::ALL.len()],
    /// Lines closed as soon as they came, since there were as many as may be.
    pub(crate) strangers_without_room: u64,
    /// Handshakes and ends of TLS lines.
    pub(crate) tls: &'a TlsCounts,
    /// Notes about strangers that never came to the capture thread.
    pub(crate) stranger_notes_dropped: u64,
    /// Names of the venues, and how each stood when the stop began.
    pub(crate) venues: Vec<(Text<8>, VenueState)>,
    pub(crate) capture: CaptureSummary,
    pub(crate) allocations_refused: bool,
}

impl Status<'_> {
    /// Writes the file.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = private_file(path)?;
        file.set_len(0)?;
        file.write_all(self.to_json().as_bytes())
    }

    fn to_json(&self) -> String {
        let mut json = String::from("{");
        let CaptureSummary {
            packets,
            strangers,
            is_rendered,
            is_complete,
        } = self.capture;
        let _ = write!(
            json,
            "\"epoch\":{},\"orders\":{},\"capture_rendered\":{is_rendered},\
             \"capture_packets\":{packets},\"capture_complete\":{is_complete},\
             \"allocator_guard\":{},",
            self.epoch, self.orders, self.allocations_refused
        );
        json.push_str("\"strangers_refused\":{");
        for (fault, count) in StrangerFault::ALL.iter().zip(self.refused) {
            let comma = if *fault == StrangerFault::ALL[0] {
                ""
            } else {
                ","
            };
            let _ = write!(json, "{comma}\"{fault:?}\":{count}");
        }
        let _ = write!(
            json,
            "}},\"strangers_without_room\":{},\"stranger_lines\":{{\"kept\":{},\"dropped\":{}",
            self.strangers_without_room,
            strangers.kept,
            strangers.dropped + self.stranger_notes_dropped
        );
        let _ = write!(json, "}},\"tls\":{},\"venues\":[", self.tls.to_json());
        let venues: Vec<String> = self.venues.iter().map(venue_json).collect();
        json.push_str(&venues.join(","));
        json.push_str("],\"stages_ns\":{");
        let stages = [
            ("parse_session", &self.times.parse),
            ("checks", &self.times.check),
            ("encode_journal", &self.times.encode),
            ("total", &self.times.total),
        ];
        for (index, (name, histogram)) in stages.into_iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(json, "{comma}\"{name}\":{}", self.percentiles(histogram));
        }
        json.push_str("}}\n");
        json
    }

    fn percentiles(&self, histogram: &Histogram) -> String {
        let ns = |per_mille| {
            let cycles = histogram.at_per_mille(per_mille);
            cycles.map_or("null".to_owned(), |cycles| {
                self.clock.cycles_to_ns(cycles).to_string()
            })
        };
        format!(
            "{{\"count\":{},\"p50\":{},\"p99\":{},\"p999\":{},\"max\":{}}}",
            histogram.total(),
            ns(500),
            ns(990),
            ns(999),
            ns(1000)
        )
    }
}

fn venue_json((name, state): &(Text<8>, VenueState)) -> String {
    let name = name.to_string().replace('\\', "\\\\").replace('"', "\\\"");
    let word = |is_up| if is_up { "up" } else { "down" };
    format!(
        "{{\"name\":\"{}\",\"state\":\"{}\",\"since_ns\":{},\"feed\":\"{}\",\
         \"feed_since_ns\":{},\"orders_in_doubt\":{},\"next_sequence_number\":{}}}",
        name,
        word(state.is_up),
        state.since_ns,
        word(state.feed_is_up),
        state.feed_since_ns,
        state.orders_in_doubt,
        state.next_sequence_number
    )
}
