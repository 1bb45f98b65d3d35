//! `rustyfix`: a fork of fefix that begins each message anew and keeps its fields as copies in a
//! hash map. It reads decimals as `f64` here, and times into chrono's types.

use std::rc::Rc;

use chrono::NaiveDateTime;
use race_ours::ground::Ground;
use race_ours::level::{self, Entrant, Framer, GroupReader, Indexer, Reader, Values};
use race_ours::message_sets::{Order, SENDER, TARGET};
use race_ours::work;
use rustyfix::prelude::{Dictionary, FieldMap, RepeatingGroup, SetField};
use rustyfix::tagvalue::{Decoder, Encoder, Message, RawDecoder};

use super::{Chrono, Decoded, utc};

const NAME: &str = "rustyfix";

/// What it can do of a level.
#[must_use]
pub fn entrants(level: &str, _set: &str, ground: &Rc<Ground>) -> Vec<Entrant> {
    vec![match level {
        "frame" => work::frame(NAME, ground, Framing(RawDecoder::new())),
        "index" => work::index(NAME, ground, Rustyfix::default()),
        "fields" => work::fields(NAME, ground, Rustyfix::default()),
        "groups" => work::groups(NAME, ground, Rustyfix::default()),
        "encode" => work::encode(NAME, ground, Writing::default()),
        _ => Entrant::left_out(NAME, "its validators are for single fields, not messages"),
    }]
}

/// What it makes of bytes.
#[must_use]
pub fn decode(decoder: &mut Rustyfix, bytes: &[u8]) -> Decoded {
    match decoder.0.decode(bytes) {
        Ok(message) => Decoded::Fields(list(&message)),
        Err(error) => Decoded::Refused(error.to_string()),
    }
}

fn list(message: &Message<'_, &[u8]>) -> Vec<(u32, Vec<u8>)> {
    message
        .fields()
        .map(|(tag, value)| (tag.get(), value.to_vec()))
        .collect()
}

struct Framing(RawDecoder);

impl Framer for Framing {
    const WANTS_ENDS: bool = true;

    fn length(&mut self, bytes: &[u8]) -> Option<usize> {
        Some(self.0.decode(bytes).ok()?.as_bytes().len())
    }
}

/// Its decoder for FIX 4.4.
pub struct Rustyfix(Decoder);

impl Default for Rustyfix {
    fn default() -> Self {
        let dictionary = Dictionary::fix44().expect("the crate carries it");
        Rustyfix(Decoder::new(dictionary))
    }
}

impl Indexer for Rustyfix {
    /// It lists neither BodyLength(9) nor CheckSum(10), but takes both into account.
    const LEAVES_OUT: &'static [u32] = &[9, 10];

    fn count(&mut self, message: &[u8]) -> Option<usize> {
        Some(self.0.decode(message).ok()?.len())
    }

    fn fields(&mut self, message: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
        Some(list(&self.0.decode(message).ok()?))
    }
}

impl Reader for Rustyfix {
    type Number = f64;
    type Moment = Chrono;

    fn read<R>(
        &mut self,
        message: &[u8],
        then: impl FnOnce(&Values<'_, f64, Chrono>) -> R,
    ) -> Option<R> {
        let message = self.0.decode(message).ok()?;
        let time = |tag| -> Option<Chrono> {
            let time: NaiveDateTime = message.get(tag).ok()?;
            Some(Chrono(time))
        };
        Some(then(&Values {
            msg_seq_num: message.get(34).ok()?,
            sending: time(52)?,
            transact: time(60)?,
            cl_ord_id: message.get_raw(11)?,
            symbol: message.get_raw(55)?,
            side: *message.get_raw(54)?.first()?,
            order_qty: message.get(38).ok()?,
            price: message.get(44).ok()?,
        }))
    }
}

impl GroupReader for Rustyfix {
    type Number = f64;

    fn read(&mut self, message: &[u8], mut each: impl FnMut(u8, f64, f64)) -> Option<()> {
        let message = self.0.decode(message).ok()?;
        let group = message.group(268).ok()?;
        for at in 0..group.len() {
            let entry = RepeatingGroup::get(&group, at)?;
            let entry_type = *entry.get_raw(269)?.first()?;
            each(entry_type, entry.get(270).ok()?, entry.get(271).ok()?);
        }
        Some(())
    }
}

#[derive(Default)]
struct Writing {
    encoder: Encoder,
    buffer: Vec<u8>,
}

impl level::Encoder for Writing {
    /// BodyLength(9) has leading zeros.
    const IS_SAME_BYTES: bool = false;

    fn encode<R>(&mut self, order: &Order, then: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.buffer.clear();
        let mut message = self
            .encoder
            .start_message(b"FIX.4.4", &mut self.buffer, b"D");
        message.set(34, order.msg_seq_num);
        message.set(49, SENDER);
        message.set(56, TARGET);
        message.set(52, utc(order.sending_ms).naive_utc());
        message.set(11, &order.cl_ord_id[..]);
        message.set(1, &order.account[..]);
        message.set(21, "1");
        message.set(55, order.symbol);
        message.set(54, &[order.side][..]);
        message.set(60, utc(order.transact_ms).naive_utc());
        message.set(38, order.order_qty);
        message.set(40, "2");
        message.set(44, order.price as f64 / 10_000.0);
        message.set(59, "0");
        let (bytes, start) = message.done();
        Some(then(bytes.get(start..)?))
    }
}
