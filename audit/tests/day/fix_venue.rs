//! The day's venue where it speaks FIX: it says what it is told to say, and what it was sent is
//! read by hand.

use gwanmun_captures::input::Endpoint;
use gwanmun_gateway::{Ends, Terms, VenueTerms, WireTerms};

use super::terms::text;
use super::{Day, terms};

const ENDS: Ends = Ends {
    peer: Endpoint::v4([10, 0, 0, 1], 40_001),
    local: Endpoint::v4([10, 0, 0, 2], 9_877),
};

/// The terms of the day with a venue that speaks FIX.
pub fn fix_terms() -> Terms {
    let before = terms();
    let venue = VenueTerms {
        wire: WireTerms::fix(text("GATE"), text("EXCH")),
        ..before.venues[0]
    };
    Terms {
        venues: vec![venue],
        ..before
    }
}

/// A message to the venue: its fields as they came.
pub struct Told(Vec<(String, String)>);

impl Told {
    pub fn get(&self, tag: &str) -> &str {
        let found = self.0.iter().find(|field| field.0 == tag);
        found.map_or("", |field| field.1.as_str())
    }
}

/// The venue's side of the session.
pub struct FixVenue {
    pub next_out: u64,
}

impl FixVenue {
    /// Bytes of its next message.
    pub fn message(&mut self, msg_type: &str, body: &str) -> Vec<u8> {
        let number = self.next_out;
        self.next_out += 1;
        let head = format!("35={msg_type}|34={number}|49=EXCH|56=GATE|52=20261123-00:00:00.000|");
        let body = (head + body).replace('|', "\x01");
        let mut whole = format!("8=FIX.4.4\x019={}\x01{body}", body.len()).into_bytes();
        let sum = whole.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        whole.extend(format!("10={sum:03}\x01").bytes());
        whole
    }
}

impl Day {
    /// A line to the venue, on which it has not said anything yet.
    pub fn fix_connected(&mut self) {
        self.venue = self.connection();
        let on_line = (self.venue, self.tick());
        let edge = &mut self.edge;
        self.gateway
            .on_venue_connected(edge, (0, ENDS), on_line)
            .unwrap();
        self.take_outputs();
    }

    /// The line to the venue goes down.
    pub fn venue_gone(&mut self) {
        let on_line = (self.venue, self.tick());
        let edge = &mut self.edge;
        self.gateway.on_closed(edge, (1, b"gone"), on_line).unwrap();
    }

    /// The venue says something.
    pub fn fix_says(&mut self, venue: &mut FixVenue, msg_type: &str, body: &str) {
        let bytes = venue.message(msg_type, body);
        self.receive(self.venue, &bytes);
    }

    /// What went to the venue since this was last asked.
    pub fn told(&mut self) -> Vec<Told> {
        let outputs = core::mem::take(&mut self.edge.outputs);
        let mut told = Vec::new();
        for (_, bytes) in outputs {
            let text = String::from_utf8(bytes).unwrap();
            let fields = text.split_terminator('\x01').map(|field| {
                let (tag, value) = field.split_once('=').unwrap();
                (tag.to_owned(), value.to_owned())
            });
            told.push(Told(fields.collect()));
        }
        told
    }
}
