//! `fefix` (FerrumFIX): a decoder with a dictionary for groups and data fields, which keeps fields
//! in a hash map, and an encoder. It reads decimals as `f64` and times as its own type.
//!
//! Its decoder goes on in the state that the last message left: after a message with a group,
//! fields at the top of the next one are taken for the group's (ferrumfix/ferrumfix#128). So it
//! runs on the sets without groups alone.

use std::rc::Rc;

use chrono::NaiveDateTime;
use fefix::fix_values::Timestamp;
use fefix::prelude::{Dictionary, FieldAccess};
use fefix::tagvalue::{Config, Decoder, Encoder, FvWrite, Message, RawDecoder};
use race_ours::ground::{COLD, Ground};
use race_ours::level::{self, Entrant, Framer, Indexer, Reader, Values};
use race_ours::message_sets::{Order, SENDER, TARGET};
use race_ours::work;

use super::{Chrono, Decoded, utc};

const NAME: &str = "fefix";

/// What it can do of a level.
#[must_use]
pub fn entrants(level: &str, set: &str, ground: &Rc<Ground>) -> Vec<Entrant> {
    let has_no_groups = ["nos", "er", "nos-mixed", COLD].contains(&set);
    vec![match level {
        "frame" => work::frame(NAME, ground, Framing::default()),
        "index" if has_no_groups => work::index(NAME, ground, Fefix::default()),
        "fields" if has_no_groups => work::fields(NAME, ground, Fefix::default()),
        "encode" => work::encode(NAME, ground, Writing::default()),
        "index" | "groups" => Entrant::left_out(
            NAME,
            "a message with groups spoils the next (ferrumfix#128)",
        ),
        _ => Entrant::left_out(NAME, "its dictionary is for groups, it does not validate"),
    }]
}

/// Its dictionary of FIX 4.4.
#[must_use]
pub fn dictionary() -> Dictionary {
    Dictionary::fix44()
}

/// What a new decoder makes of bytes: one that has not seen another message.
#[must_use]
pub fn decode(dictionary: &Dictionary, bytes: &[u8]) -> Decoded {
    let mut decoder = Decoder::<Config>::new(dictionary.clone());
    match decoder.decode(bytes) {
        Ok(message) => Decoded::Fields(list(&message)),
        Err(error) => Decoded::Refused(error.to_string()),
    }
}

fn list(message: &Message<'_, &[u8]>) -> Vec<(u32, Vec<u8>)> {
    let fields = message.fields();
    fields
        .map(|(tag, value)| (u32::from(tag.get()), value.to_vec()))
        .collect()
}

#[derive(Default)]
struct Framing(RawDecoder<Config>);

impl Framer for Framing {
    const WANTS_ENDS: bool = true;

    fn length(&mut self, bytes: &[u8]) -> Option<usize> {
        Some(self.0.decode(bytes).ok()?.as_bytes().len())
    }
}

/// Its decoder for FIX 4.4.
struct Fefix(Decoder<Config>);

impl Default for Fefix {
    fn default() -> Self {
        Fefix(Decoder::new(Dictionary::fix44()))
    }
}

impl Indexer for Fefix {
    /// It lists neither BodyLength(9) nor CheckSum(10), but takes both into account.
    const LEAVES_OUT: &'static [u32] = &[9, 10];

    fn count(&mut self, message: &[u8]) -> Option<usize> {
        Some(self.0.decode(message).ok()?.len())
    }

    fn fields(&mut self, message: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
        Some(list(&self.0.decode(message).ok()?))
    }
}

fn time(message: &Message<'_, &[u8]>, tag: u32) -> Option<Chrono> {
    let time: Timestamp = message.fv(&tag).ok()?;
    let naive: NaiveDateTime = time.to_chrono_naive()?;
    Some(Chrono(naive))
}

impl Reader for Fefix {
    type Number = f64;
    type Moment = Chrono;

    fn read<R>(
        &mut self,
        message: &[u8],
        then: impl FnOnce(&Values<'_, f64, Chrono>) -> R,
    ) -> Option<R> {
        let message = self.0.decode(message).ok()?;
        Some(then(&Values {
            msg_seq_num: message.fv(&34).ok()?,
            sending: time(&message, 52)?,
            transact: time(&message, 60)?,
            cl_ord_id: message.fv_raw(&11)?,
            symbol: message.fv_raw(&55)?,
            side: *message.fv_raw(&54)?.first()?,
            order_qty: message.fv(&38).ok()?,
            price: message.fv(&44).ok()?,
        }))
    }
}

#[derive(Default)]
struct Writing {
    encoder: Encoder<Config>,
    buffer: Vec<u8>,
}

impl level::Encoder for Writing {
    /// BodyLength(9) has leading zeros.
    const IS_SAME_BYTES: bool = false;

    /// Times as text: its own type for them writes no milliseconds that are right.
    fn encode<R>(&mut self, order: &Order, then: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let text = |ms| utc(ms).format("%Y%m%d-%H:%M:%S%.3f").to_string();
        let (sending, transact) = (text(order.sending_ms), text(order.transact_ms));
        self.buffer.clear();
        let mut message = self
            .encoder
            .start_message(b"FIX.4.4", &mut self.buffer, b"D");
        message.set_fv(&34, order.msg_seq_num);
        message.set_fv(&49, SENDER);
        message.set_fv(&56, TARGET);
        message.set_fv(&52, &sending[..]);
        message.set_fv(&11, &order.cl_ord_id[..]);
        message.set_fv(&1, &order.account[..]);
        message.set_fv(&21, "1");
        message.set_fv(&55, order.symbol);
        message.set_fv(&54, &[order.side][..]);
        message.set_fv(&60, &transact[..]);
        message.set_fv(&38, order.order_qty);
        message.set_fv(&40, "2");
        message.set_fv(&44, order.price as f64 / 10_000.0);
        message.set_fv(&59, "0");
        Some(then(message.wrap()))
    }
}
