//! Our codec in the race: the only file there that names it, so that a change of its API is a
//! change of this file alone.
//!
//! `ours` is the front that the processor gets by default, `ours-avx2` and `ours-portable` are
//! forced ones. Encoding is the writer, field by field. A level that our codec does not have yet is
//! left out with that reason; no figure stands in for it.

use std::rc::Rc;

use gwanmun_fix::encode::MessageWriter;
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::scan::Front;
use gwanmun_fix::time::Precision;
use gwanmun_fix::{FIELDS_MAX, Index, Message, tag};
use gwanmun_market::Price;

use crate::ground::Ground;
use crate::level::{self, Entrant, Framer, Indexer, Reader, Values};
use crate::message_sets::{Order, SENDER, TARGET};
use crate::work;

/// Longest message that is framed.
const MESSAGE_BYTES_MAX: usize = 65_536;
const NS_PER_MS: u64 = 1_000_000;

/// Our candidates at a level and a set.
#[must_use]
pub fn entrants(level: &str, set: &str, ground: &Rc<Ground>) -> Vec<Entrant> {
    let _ = set;
    match level {
        "frame" => vec![work::frame("ours", ground, Framing)],
        "index" if ground.fields_max() > FIELDS_MAX => {
            let most = ground.fields_max();
            let reason = format!("{most} fields are more than the index holds ({FIELDS_MAX})");
            vec![Entrant::left_out("ours", reason)]
        }
        "index" => vec![
            work::index("ours", ground, Indexing::new(Front::best())),
            forced("ours-avx2", ground, Front::Avx2),
            forced("ours-portable", ground, Front::Plain),
        ],
        "fields" => vec![work::fields("ours", ground, Reading::default())],
        "encode" => vec![
            work::encode("ours", ground, Writing::default()),
            Entrant::left_out("ours-patch", "the encoder has no template to patch"),
        ],
        "validated" => vec![Entrant::left_out("ours", "the codec has no dictionary")],
        "groups" => vec![Entrant::left_out("ours", "the codec has no groups")],
        _ => Vec::new(),
    }
}

/// How many of the set's messages had a shape that the codec had learned, from 0 to 1; `None` while
/// it learns none.
#[must_use]
pub fn hit_rate(_ground: &Ground) -> Option<f64> {
    None
}

fn forced(name: &str, ground: &Rc<Ground>, front: Front) -> Entrant {
    if front.is_available() {
        work::index(name, ground, Indexing::new(front))
    } else {
        Entrant::left_out(name, "this processor does not have it")
    }
}

fn whole(bytes: &[u8]) -> Option<usize> {
    match frame(bytes, MESSAGE_BYTES_MAX) {
        Frame::Whole { length } => Some(length),
        _ => None,
    }
}

struct Framing;

impl Framer for Framing {
    fn length(&mut self, bytes: &[u8]) -> Option<usize> {
        whole(bytes)
    }
}

struct Indexing {
    front: Front,
    index: Box<Index>,
}

impl Indexing {
    fn new(front: Front) -> Indexing {
        let index = Box::default();
        Indexing { front, index }
    }
}

impl Indexer for Indexing {
    fn count(&mut self, message: &[u8]) -> Option<usize> {
        let message = message.get(..whole(message)?)?;
        match self.front.scan(message, &mut self.index) {
            None => Some(self.index.count()),
            Some(_) => None,
        }
    }

    fn fields(&mut self, message: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
        self.count(message)?;
        let slot = |slot| {
            let (tag, start, end) = self.index.slot(slot)?;
            Some((tag, message.get(start..end)?.to_vec()))
        };
        (0..self.index.count()).map(slot).collect()
    }
}

/// Fields that a message may have before our codec refuses it.
#[must_use]
pub const fn fields_max() -> usize {
    FIELDS_MAX
}

/// What our codec makes of any bytes, for the comparison with others: every field of the first
/// message, or `None` where framing, a field or the size of the index refuses it.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
    let length = whole(bytes)?;
    (length == bytes.len()).then_some(())?;
    let mut index = Box::new(Index::new());
    let message = Message::parse(bytes, &mut index).ok()?;
    Some(
        message
            .fields()
            .map(|(tag, value)| (tag, value.to_vec()))
            .collect(),
    )
}

#[derive(Default)]
struct Reading {
    index: Box<Index>,
}

impl Reader for Reading {
    type Number = i64;
    type Moment = u64;

    fn read<R>(
        &mut self,
        message: &[u8],
        then: impl FnOnce(&Values<'_, i64, u64>) -> R,
    ) -> Option<R> {
        let message = message.get(..whole(message)?)?;
        let message = Message::parse(message, &mut self.index).ok()?;
        Some(then(&Values {
            msg_seq_num: message.msg_seq_num().ok()?,
            sending: message.timestamp_ns(tag::SENDING_TIME).ok()?,
            transact: message.timestamp_ns(tag::TRANSACT_TIME).ok()?,
            cl_ord_id: message.field(tag::CL_ORD_ID)?,
            symbol: message.field(tag::SYMBOL)?,
            side: message.char(tag::SIDE).ok()?,
            order_qty: message.price(tag::ORDER_QTY).ok()?.0,
            price: message.price(tag::PRICE).ok()?.0,
        }))
    }
}

/// The buffer that messages are written into.
struct Writing(Box<[u8; 512]>);

impl Default for Writing {
    fn default() -> Self {
        Writing(Box::new([0; 512]))
    }
}

impl level::Encoder for Writing {
    fn encode<R>(&mut self, order: &Order, then: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let Writing(into) = self;
        let mut writer = MessageWriter::start(&mut into[..], b"FIX.4.4");
        let milliseconds = Precision::Milliseconds;
        writer
            .char(tag::MSG_TYPE, b'D')
            .uint(tag::MSG_SEQ_NUM, order.msg_seq_num)
            .bytes(tag::SENDER_COMP_ID, SENDER.as_bytes())
            .bytes(tag::TARGET_COMP_ID, TARGET.as_bytes())
            .timestamp_in(
                tag::SENDING_TIME,
                order.sending_ms * NS_PER_MS,
                milliseconds,
            )
            .bytes(tag::CL_ORD_ID, &order.cl_ord_id)
            .bytes(tag::ACCOUNT, &order.account)
            .char(21, b'1')
            .bytes(tag::SYMBOL, order.symbol.as_bytes())
            .char(tag::SIDE, order.side)
            .timestamp_in(
                tag::TRANSACT_TIME,
                order.transact_ms * NS_PER_MS,
                milliseconds,
            )
            .uint(tag::ORDER_QTY, order.order_qty.into())
            .char(tag::ORD_TYPE, b'2')
            .price(tag::PRICE, Price(order.price))
            .char(tag::TIME_IN_FORCE, b'0');
        let length = writer.finish()?;
        Some(then(into.get(..length)?))
    }
}
