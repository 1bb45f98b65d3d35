//! `ironfix-tagvalue`: a decoder into a reused index, and an encoder. It has no types for decimals
//! and reads no times, so rust_decimal and chrono do, and it formats times itself.

use std::fmt::Write as _;
use std::rc::Rc;

use chrono::NaiveDateTime;
use ironfix_core::Timestamp;
use ironfix_tagvalue::{Decoder, FieldIndex, IndexedMessage};
use race_ours::ground::Ground;
use race_ours::level::{Encoder, Entrant, GroupReader, Indexer, Reader, Values};
use race_ours::message_sets::{Order, SENDER, TARGET};
use race_ours::work;
use rust_decimal::Decimal;

use super::{Chrono, Decoded, Exact};

const NAME: &str = "ironfix-tagvalue";
const FIELDS_MAX: usize = 1_024;

/// What it can do of a level.
#[must_use]
pub fn entrants(level: &str, _set: &str, ground: &Rc<Ground>) -> Vec<Entrant> {
    vec![match level {
        "index" => work::index(NAME, ground, Ironfix::default()),
        "fields" => work::fields(NAME, ground, Ironfix::default()),
        "groups" => work::groups(NAME, ground, Ironfix::default()),
        "encode" => work::encode(NAME, ground, Writing::default()),
        "frame" => Entrant::left_out(NAME, "it frames by finding every field"),
        _ => Entrant::left_out(NAME, "it knows no dictionary"),
    }]
}

/// What it makes of bytes.
#[must_use]
pub fn decode(bytes: &[u8]) -> Decoded {
    let mut peer = Ironfix::default();
    let mut decoder = Decoder::new(bytes);
    match decoder.decode_into(&mut peer.index) {
        Ok(_) if !decoder.remaining().is_empty() => Decoded::Refused("bytes are left".to_owned()),
        Ok(message) => {
            let fields = message.fields();
            Decoded::Fields(
                fields
                    .map(|field| (field.tag, field.value.to_vec()))
                    .collect(),
            )
        }
        Err(error) => Decoded::Refused(error.to_string()),
    }
}

struct Ironfix {
    index: FieldIndex,
}

impl Default for Ironfix {
    fn default() -> Self {
        Ironfix {
            index: FieldIndex::with_capacity(FIELDS_MAX),
        }
    }
}

impl Indexer for Ironfix {
    /// It verifies it.
    const LEAVES_OUT: &'static [u32] = &[10];

    fn count(&mut self, message: &[u8]) -> Option<usize> {
        let message = Decoder::new(message).decode_into(&mut self.index).ok()?;
        Some(message.field_count())
    }

    fn fields(&mut self, message: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
        match decode(message) {
            Decoded::Fields(fields) => Some(fields),
            Decoded::Refused(_) => None,
        }
    }
}

fn time(message: &IndexedMessage<'_, '_>, tag: u32) -> Option<Chrono> {
    let text = message.get_field_str(tag)?;
    NaiveDateTime::parse_from_str(text, "%Y%m%d-%H:%M:%S%.f")
        .ok()
        .map(Chrono)
}

fn decimal(message: &IndexedMessage<'_, '_>, tag: u32) -> Option<Exact> {
    message.get_field_str(tag)?.parse().ok().map(Exact)
}

impl Reader for Ironfix {
    type Number = Exact;
    type Moment = Chrono;

    fn read<R>(
        &mut self,
        message: &[u8],
        then: impl FnOnce(&Values<'_, Exact, Chrono>) -> R,
    ) -> Option<R> {
        let message = Decoder::new(message).decode_into(&mut self.index).ok()?;
        Some(then(&Values {
            msg_seq_num: message.get_field_str(34)?.parse().ok()?,
            sending: time(&message, 52)?,
            transact: time(&message, 60)?,
            cl_ord_id: message.get_field_str(11)?.as_bytes(),
            symbol: message.get_field_str(55)?.as_bytes(),
            side: *message.get_field(54)?.value.first()?,
            order_qty: decimal(&message, 38)?,
            price: decimal(&message, 44)?,
        }))
    }
}

impl GroupReader for Ironfix {
    type Number = Exact;

    /// A walk over all fields: it knows no groups.
    fn read(&mut self, message: &[u8], mut each: impl FnMut(u8, Exact, Exact)) -> Option<()> {
        let message = Decoder::new(message).decode_into(&mut self.index).ok()?;
        let (mut entry_type, mut price) = (0, Decimal::ZERO);
        for field in message.fields() {
            match field.tag {
                269 => entry_type = *field.value.first()?,
                270 => price = field.as_str().ok()?.parse().ok()?,
                271 => {
                    let size = field.as_str().ok()?.parse().ok()?;
                    each(entry_type, Exact(price), Exact(size));
                }
                _ => {}
            }
        }
        Some(())
    }
}

struct Writing {
    encoder: ironfix_tagvalue::Encoder,
    price: String,
}

impl Default for Writing {
    fn default() -> Self {
        Writing {
            encoder: ironfix_tagvalue::Encoder::new("FIX.4.4"),
            price: String::new(),
        }
    }
}

impl Encoder for Writing {
    fn encode<R>(&mut self, order: &Order, then: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let Writing { encoder, price } = self;
        encoder.clear();
        price.clear();
        write!(price, "{}", Exact::of(order.price)).ok()?;
        encoder.put_str(35, "D");
        encoder.put_uint(34, order.msg_seq_num);
        encoder.put_str(49, SENDER);
        encoder.put_str(56, TARGET);
        encoder.put_str(
            52,
            &Timestamp::from_millis(order.sending_ms)
                .ok()?
                .format_millis(),
        );
        encoder.put_raw(11, &order.cl_ord_id);
        encoder.put_raw(1, &order.account);
        encoder.put_char(21, '1');
        encoder.put_str(55, order.symbol);
        encoder.put_char(54, char::from(order.side));
        encoder.put_str(
            60,
            &Timestamp::from_millis(order.transact_ms)
                .ok()?
                .format_millis(),
        );
        encoder.put_uint(38, order.order_qty.into());
        encoder.put_char(40, '2');
        encoder.put_str(44, price);
        encoder.put_char(59, '0');
        Some(then(encoder.finish().ok()?))
    }
}
