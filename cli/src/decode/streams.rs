//! Byte streams, from captures and journals, cut into messages.
//!
//! What a stream carries is told by its first bytes: `8=FIX` is FIX, a sane length and a known type
//! is SoupBinTCP. A stream whose beginning was not captured is searched for the next message of
//! FIX.

use std::collections::BTreeMap;

use gwanmun_binary::soup::packet::Packet;
use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::input::{Address, Connected, Endpoint};
use gwanmun_captures::journal::{ChainReader, Record, RecordKind};
use gwanmun_captures::read::{CaptureReader, tcp_segment};
use gwanmun_captures::tcp_reassembly::{Reassembler, StreamEvent, Toward};

use super::fix::{self, FixMessage};
use super::ouch::Shown;
use super::{Item, Place, What};
use crate::exit::{Exit, Failure};
use crate::verify_text;

/// Takes what was found.
type Found<'f> = dyn FnMut(Item) -> Result<(), Failure> + 'f;

/// What one direction of a connection carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carries {
    Unknown,
    Fix,
    Soup,
    /// Neither: its bytes are passed over.
    Other,
}

/// One direction of a connection.
struct Stream {
    name: String,
    carries: Carries,
    held: Vec<u8>,
}

impl Stream {
    fn new(from: &Endpoint, to: &Endpoint) -> Stream {
        let name = format!("{} > {}", end_text(from), end_text(to));
        Stream {
            name,
            carries: Carries::Unknown,
            held: Vec::new(),
        }
    }

    fn push(&mut self, bytes: &[u8], time_ns: u64, found: &mut Found<'_>) -> Result<(), Failure> {
        if self.carries == Carries::Other {
            return Ok(());
        }
        self.held.extend_from_slice(bytes);
        if self.carries == Carries::Unknown {
            self.carries = carried(&self.held);
        }
        match self.carries {
            Carries::Fix => self.cut_fix(time_ns, found),
            Carries::Soup => self.cut_soup(time_ns, found),
            Carries::Unknown => Ok(()),
            Carries::Other => {
                self.held.clear();
                Ok(())
            }
        }
    }

    /// Bytes are missing here: what was held is no message any more, and reading goes on at the
    /// next start.
    fn lose(&mut self, text: String, found: &mut Found<'_>) -> Result<(), Failure> {
        self.held.clear();
        if self.carries == Carries::Soup {
            // Packets have no mark by which to find the next one.
            self.carries = Carries::Other;
        }
        let place = Place {
            time_ns: None,
            line: self.name.clone(),
            prefix: String::new(),
        };
        found(Item {
            place,
            what: What::Damage(text),
        })
    }

    fn place(&self, time_ns: u64) -> Place {
        Place {
            time_ns: Some(time_ns),
            line: self.name.clone(),
            prefix: String::new(),
        }
    }

    fn cut_fix(&mut self, time_ns: u64, found: &mut Found<'_>) -> Result<(), Failure> {
        loop {
            match fix::front(&self.held) {
                fix::Front::Partial => return Ok(()),
                fix::Front::Message(length) => {
                    let bytes = self.held.drain(..length).collect();
                    let what = What::Fix(FixMessage::new(bytes));
                    found(Item {
                        place: self.place(time_ns),
                        what,
                    })?;
                }
                fix::Front::Noise(length) => {
                    self.held.drain(..length);
                    let what = What::Damage(format!("{length} bytes that are no FIX message"));
                    found(Item {
                        place: self.place(time_ns),
                        what,
                    })?;
                }
            }
        }
    }

    fn cut_soup(&mut self, time_ns: u64, found: &mut Found<'_>) -> Result<(), Failure> {
        loop {
            let (what, length) = match Packet::parse(&self.held) {
                Ok(None) => return Ok(()),
                Ok(Some((packet, length))) => (What::Packet(Shown::new(&packet)), length),
                Err(error) => {
                    self.carries = Carries::Other;
                    let text = format!("no SoupBinTCP packet from here on: {error:?}");
                    (What::Damage(text), self.held.len())
                }
            };
            self.held.drain(..length);
            found(Item {
                place: self.place(time_ns),
                what,
            })?;
            if self.carries == Carries::Other {
                return Ok(());
            }
        }
    }
}

/// What a stream that begins so carries.
fn carried(held: &[u8]) -> Carries {
    const FIX: &[u8] = b"8=FIX";
    let compared = held.len().min(FIX.len());
    if held[..compared] == FIX[..compared] {
        return if compared == FIX.len() {
            Carries::Fix
        } else {
            Carries::Unknown
        };
    }
    if held.len() < 3 {
        return Carries::Unknown;
    }
    // A message of FIX anywhere is surer than a length that happens to fit.
    if held.windows(FIX.len()).any(|window| window == FIX) {
        return Carries::Fix;
    }
    match Packet::parse(held) {
        Ok(_) => Carries::Soup,
        Err(_) => Carries::Other,
    }
}

/// Every message in a capture file.
pub(super) fn of_capture(bytes: &[u8], found: &mut Found<'_>) -> Result<(), Failure> {
    let refuse = |error: gwanmun_captures::read::ReadError| {
        let text = format!(
            "the capture cannot be read at byte {}: {:?}",
            error.offset, error.fault
        );
        Failure::new(Exit::Input, text)
    };
    let reader = CaptureReader::new(bytes).map_err(refuse)?;
    let mut reassembler = Reassembler::new();
    let mut streams = CaptureStreams::default();
    for packet in reader {
        let packet = packet.map_err(refuse)?;
        // What is not TCP carries nothing that is read here.
        let Ok(segment) = tcp_segment(&packet) else {
            continue;
        };
        let mut result = Ok(());
        reassembler.push(packet.stamp_ns, &segment, &mut |event| {
            if result.is_ok() {
                result = streams.on_event(&event, found);
            }
        });
        result?;
    }
    let mut result = Ok(());
    reassembler.finish(&mut |event| {
        if result.is_ok() {
            result = streams.on_event(&event, found);
        }
    });
    result
}

/// The connections of a capture.
#[derive(Default)]
struct CaptureStreams(BTreeMap<(u32, Toward), Stream>);

impl CaptureStreams {
    fn on_event(&mut self, event: &StreamEvent<'_>, found: &mut Found<'_>) -> Result<(), Failure> {
        match *event {
            StreamEvent::Opened {
                stream,
                client,
                server,
                ..
            } => {
                self.0
                    .insert((stream, Toward::Server), Stream::new(&client, &server));
                self.0
                    .insert((stream, Toward::Client), Stream::new(&server, &client));
                Ok(())
            }
            StreamEvent::Data {
                stream,
                toward,
                stamp_ns,
                bytes,
                ..
            } => self
                .0
                .get_mut(&(stream, toward))
                .map_or(Ok(()), |s| s.push(bytes, stamp_ns, found)),
            StreamEvent::Gap {
                stream,
                toward,
                offset,
                length,
            } => {
                let text = format!("{length} bytes from byte {offset} on were not captured");
                self.lose(stream, toward, text, found)
            }
            StreamEvent::Conflict {
                stream,
                toward,
                offset,
                ..
            } => {
                let text = format!("bytes from byte {offset} on came twice and differ");
                let place = Place {
                    line: self.name(stream, toward),
                    ..Place::default()
                };
                found(Item {
                    place,
                    what: What::Damage(text),
                })
            }
            StreamEvent::Unplaced { .. } => Ok(()),
            StreamEvent::Closed { stream, .. } => {
                self.0.remove(&(stream, Toward::Server));
                self.0.remove(&(stream, Toward::Client));
                Ok(())
            }
        }
    }

    fn name(&self, stream: u32, toward: Toward) -> String {
        self.0
            .get(&(stream, toward))
            .map(|stream| stream.name.clone())
            .unwrap_or_default()
    }

    fn lose(
        &mut self,
        stream: u32,
        toward: Toward,
        text: String,
        found: &mut Found<'_>,
    ) -> Result<(), Failure> {
        self.0
            .get_mut(&(stream, toward))
            .map_or(Ok(()), |stream| stream.lose(text, found))
    }
}

/// Every message in a journal: what was received, and what was produced for either peer.
pub(super) fn of_journal(segments: &[Vec<u8>], found: &mut Found<'_>) -> Result<(), Failure> {
    let mut lines: BTreeMap<(u32, u32), [Stream; 2]> = BTreeMap::new();
    let chain = ChainReader::new(segments.iter().map(Vec::as_slice));
    for next in chain {
        let record = next.map_err(|damage| damaged(&damage))?.record;
        on_record(&record, &mut lines, found)?;
    }
    Ok(())
}

/// The failure for a journal that cannot be read on.
pub(crate) fn damaged(damage: &gwanmun_captures::journal::JournalDamage) -> Failure {
    Failure::new(Exit::Input, verify_text::damage(damage))
}

fn on_record(
    record: &Record<'_>,
    lines: &mut BTreeMap<(u32, u32), [Stream; 2]>,
    found: &mut Found<'_>,
) -> Result<(), Failure> {
    let head = record.head;
    let key = |connection: u32| (head.epoch, connection);
    match head.kind {
        RecordKind::Connected => {
            if let Ok(connected) = Connected::parse(record.payload) {
                let Connected { peer, local, .. } = connected;
                let pair = [Stream::new(&peer, &local), Stream::new(&local, &peer)];
                lines.insert(key(head.connection), pair);
            }
        }
        RecordKind::Received => {
            if let Some([inward, _]) = lines.get_mut(&key(head.connection)) {
                inward.push(record.payload, head.stamp_ns, found)?;
            }
        }
        RecordKind::Disconnected => drop(lines.remove(&key(head.connection))),
        RecordKind::Effect => {
            for entry in EffectReader::new(record.payload) {
                let Ok(entry) = entry else { break };
                if let Entry::Output {
                    connection, bytes, ..
                } = entry
                    && let Some([_, outward]) = lines.get_mut(&key(connection))
                {
                    outward.push(bytes, head.stamp_ns, found)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn end_text(end: &Endpoint) -> String {
    let address = match end.address {
        Address::V4(bytes) => std::net::IpAddr::from(bytes),
        Address::V6(bytes) => std::net::IpAddr::from(bytes),
    };
    std::net::SocketAddr::new(address, end.port).to_string()
}
