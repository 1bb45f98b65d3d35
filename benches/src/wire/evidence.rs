//! What a gateway left behind: its own figures, and whether its capture has every message.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gwanmun_captures::read::{CaptureReader, tcp_segment};
use gwanmun_captures::tcp_reassembly::{Reassembler, StreamEvent, Toward};
use gwanmun_captures::verify::verify;
use gwanmun_fix::Message;
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::index::Index;
use gwanmun_fix::messages::new_order_single;
use gwanmun_fix::tag;
use serde_json::Value;

use super::Fault;
use super::orders::number_of;

/// The capture's name in a trading day's folder.
const CAPTURE: &str = "capture.pcapng";

/// Median from bytes in hand to bytes committed, as the gateway's own stage clock has it.
///
/// # Errors
/// The gateway left no such figure.
pub fn hot_ns_p50(day: &Path) -> Result<u64, Fault> {
    let text = fs::read_to_string(day.join("status.json"))?;
    let status: Value =
        serde_json::from_str(&text).map_err(|error| Fault::new(error.to_string()))?;
    let p50 = status["stages_ns"]["total"]["p50"].as_u64();
    p50.ok_or_else(|| Fault::new("status.json has no stages_ns.total.p50"))
}

/// Sees to it that the capture holds the orders 1 to `sent`, each once, and all else that the
/// journal has.
///
/// # Errors
/// Something is missing, twice, or damaged.
pub fn expect_captured(day: &Path, sent: u64) -> Result<(), Fault> {
    let pcapng = fs::read(day.join(CAPTURE)).map_err(|error| Fault::from(error).at(CAPTURE))?;
    let segments = segments(day)?;
    let lent = segments.iter().map(Vec::as_slice);
    verify(lent, &pcapng).map_err(|failure| Fault::new(format!("{CAPTURE}: {failure:?}")))?;
    expect_each_once(&orders_in(&pcapng)?, sent)
}

/// Sees to it that there is no capture.
///
/// # Errors
/// There is one.
pub fn expect_no_capture(day: &Path) -> Result<(), Fault> {
    if day.join(CAPTURE).exists() {
        return Err(Fault::new("there is a capture although none was wanted"));
    }
    Ok(())
}

fn segments(day: &Path) -> Result<Vec<Vec<u8>>, Fault> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(day)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "gwj") {
            paths.push(path);
        }
    }
    paths.sort();
    let read = paths.into_iter().map(fs::read);
    Ok(read.collect::<Result<_, _>>()?)
}

/// How often each order of a run came in, by its number.
fn orders_in(pcapng: &[u8]) -> Result<BTreeMap<u64, u64>, Fault> {
    let unread = |error| Fault::new(format!("{CAPTURE}: {error:?}"));
    let mut reassembler = Reassembler::new();
    // By stream: what was not framed yet of the bytes toward whoever accepted the line.
    let mut streams: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    let mut counts = BTreeMap::new();
    let mut index = Index::new();
    let mut take = |event: StreamEvent<'_>| {
        if let StreamEvent::Data {
            stream,
            toward: Toward::Server,
            bytes,
            ..
        } = event
        {
            let held = streams.entry(stream).or_default();
            held.extend_from_slice(bytes);
            let done = count_orders(held, &mut index, &mut counts);
            held.drain(..done);
        }
    };
    for packet in CaptureReader::new(pcapng).map_err(unread)? {
        let packet = packet.map_err(unread)?;
        if let Ok(segment) = tcp_segment(&packet) {
            reassembler.push(packet.stamp_ns, &segment, &mut take);
        }
    }
    reassembler.finish(&mut take);
    Ok(counts)
}

/// Counts the new orders that are whole; returns how many bytes are done with.
fn count_orders(held: &[u8], index: &mut Index, counts: &mut BTreeMap<u64, u64>) -> usize {
    let mut done = 0;
    loop {
        let rest = held.get(done..).unwrap_or_default();
        match frame(rest, 1 << 16) {
            Frame::Whole { length } => {
                let bytes = rest.get(..length).unwrap_or_default();
                if let Ok(message) = Message::parse(bytes, index)
                    && message.msg_type() == new_order_single::MSG_TYPE
                    && let Some(number) = number_of(message.field(tag::CL_ORD_ID).unwrap_or(b""))
                {
                    *counts.entry(number).or_default() += 1;
                }
                done += length;
            }
            // The venue's lines are not FIX; the gateway is their client, and what it sends there
            // is of no use here.
            Frame::Garbled { skip, .. } => done += skip,
            Frame::Partial | Frame::Unframeable(_) => return done,
        }
    }
}

fn expect_each_once(counts: &BTreeMap<u64, u64>, sent: u64) -> Result<(), Fault> {
    let missing = (1..=sent).filter(|number| !counts.contains_key(number));
    let missing = missing.count();
    let doubled = counts.values().filter(|&&count| count != 1).count();
    let foreign = counts
        .keys()
        .filter(|&&number| number == 0 || number > sent);
    let foreign = foreign.count();
    if missing + doubled + foreign == 0 {
        return Ok(());
    }
    Err(Fault::new(format!(
        "of {sent} orders the capture lacks {missing}, has {doubled} more than once and {foreign} \
         that were never sent"
    )))
}

#[cfg(test)]
mod tests {
    use super::super::orders::Orders;
    use super::*;

    #[test]
    fn orders_are_counted_across_cuts_and_garbage() {
        let orders = Orders::default();
        let (mut bytes, mut message) = (b"noise".to_vec(), Vec::new());
        for number in 1..=3 {
            orders.write(number, number + 1, crate::messages::NOW_NS, &mut message);
            bytes.extend_from_slice(&message);
        }
        for cut in 0..bytes.len() {
            let (mut held, mut counts, mut index) = (Vec::new(), BTreeMap::new(), Index::new());
            for part in [&bytes[..cut], &bytes[cut..]] {
                held.extend_from_slice(part);
                let done = count_orders(&held, &mut index, &mut counts);
                held.drain(..done);
            }
            assert_eq!(expect_each_once(&counts, 3), Ok(()), "cut at {cut}");
        }
    }

    #[test]
    fn a_missing_a_doubled_and_a_foreign_order_are_found() {
        let whole: BTreeMap<u64, u64> = (1..=5).map(|number| (number, 1)).collect();
        assert_eq!(expect_each_once(&whole, 5), Ok(()));
        assert!(expect_each_once(&whole, 6).is_err(), "one is missing");
        assert!(expect_each_once(&whole, 4).is_err(), "one is foreign");
        let mut doubled = whole.clone();
        doubled.insert(3, 2);
        assert!(expect_each_once(&doubled, 5).is_err());
        let mut lacking = whole;
        lacking.remove(&2);
        assert!(expect_each_once(&lacking, 5).is_err());
    }
}
