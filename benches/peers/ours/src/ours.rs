//! Our codec in the race: the only file there that names it, but for the benches' `order_codec`, so
//! that a change of its API is a change of these alone.
//!
//! `ours` is the front that the processor gets by default, `ours-avx2` and `ours-portable` are
//! forced ones. They differ in the pass over a message's bytes alone, so a level that has no such
//! pass (`encode`), or whose routine takes no front (`frame`), has `ours` alone. Messages are
//! framed and indexed in one pass; the levels above the index also have learned shapes and a date
//! that is remembered, as a session would. `ours` encodes field by field, `ours-patch` patches a
//! template.

use std::rc::Rc;

use gwanmun_fix::dictionary::{Dictionary, Standard};
use gwanmun_fix::encode::{Slot, Template, TemplateBuilder, TemplateError};
use gwanmun_fix::frame::{Frame, frame, frame_by};
use gwanmun_fix::messages::md_entry::{FULL_REFRESH_ENTRIES, INCREMENTAL_ENTRIES};
use gwanmun_fix::scan::Front;
use gwanmun_fix::time::{DateCache, Precision};
use gwanmun_fix::validate::{Checks, Memo, Validator};
use gwanmun_fix::values::character::parse_char;
use gwanmun_fix::{FIELDS_MAX, Index, Message, Shapes, tag};
use gwanmun_market::{PRICE_DECIMALS, Price};

use crate::ground::Ground;
use crate::level::{self, Entrant, Framer, GroupReader, Indexer, Reader, Values};
use crate::message_sets::{Order, SENDER, TARGET};
use crate::order_codec::write_order;
use crate::work;

/// Longest message that is framed.
const MESSAGE_BYTES_MAX: usize = 65_536;
const NS_PER_MS: u64 = 1_000_000;
/// HandlInst(21), which the gateway does not read.
const HANDL_INST: u32 = 21;

/// Why a writer has no lane by fronts.
const NO_FRONT: &str =
    "writing has no fronts: words are summed in the registers that they are stored from";

/// Our candidates and their fronts, `None` for what the processor gets by default.
const FRONTS: [(&str, Option<Front>); 3] = [
    ("ours", None),
    ("ours-avx2", Some(Front::Avx2)),
    ("ours-portable", Some(Front::Portable)),
];

/// Our candidates at a level and a set.
#[must_use]
pub fn entrants(level: &str, set: &str, ground: &Rc<Ground>) -> Vec<Entrant> {
    let is_eight = ground.made.iter().all(|made| made.eight.is_some());
    match level {
        "frame" => by_front(|name, front| work::frame(name, ground, Framing(front))),
        "index" => by_front(|name, front| work::index(name, ground, Taking::new(front))),
        "fields" => by_front(|name, front| work::fields(name, ground, Session::new(front))),
        "validated" => {
            let dictionary = Dictionary::standard(Standard::Fix44);
            let validator = match Validator::new(&dictionary, Checks::ALL) {
                Ok(validator) => Rc::new(validator),
                Err(error) => return vec![Entrant::left_out("ours", format!("{error:?}"))],
            };
            by_front(|name, front| {
                let session = Session::new(front).with_rules(&validator);
                match is_eight {
                    true => work::fields(name, ground, session),
                    false => work::groups(name, ground, session),
                }
            })
        }
        "groups" => by_front(|name, front| work::groups(name, ground, Session::new(front))),
        "encode" => vec![
            work::encode("ours", ground, Writing::default()),
            Entrant::left_out("ours-avx2", NO_FRONT),
            Entrant::left_out("ours-portable", NO_FRONT),
            match Patching::new() {
                Some(patching) => work::encode("ours-patch", ground, patching),
                None => Entrant::left_out("ours-patch", format!("no template for {set}")),
            },
        ],
        _ => Vec::new(),
    }
}

fn by_front(lane: impl Fn(&str, Option<Front>) -> Entrant) -> Vec<Entrant> {
    let entrants = FRONTS.map(|(name, front)| {
        if front.is_none_or(Front::is_available) {
            lane(name, front)
        } else {
            Entrant::left_out(name, "this processor does not have it")
        }
    });
    entrants.into()
}

/// How many of the set's messages had a learned shape, from 0 to 1, when nothing was learned before
/// and each was read once; `None` at a level that is read without shapes, and for messages too long
/// to have one.
#[must_use]
pub fn hit_rate(level: &str, ground: &Ground) -> Option<f64> {
    if !matches!(level, "fields" | "validated" | "groups") {
        return None;
    }
    let mut session = Session::new(None);
    for message in ground.messages() {
        session.read(message)?;
    }
    let (hits, misses) = (session.shapes.hits(), session.shapes.misses());
    // Far below 2^53, where the conversion would begin to round.
    (hits + misses > 0).then(|| hits as f64 / (hits + misses) as f64)
}

struct Framing(Option<Front>);

impl Framer for Framing {
    fn length(&mut self, bytes: &[u8]) -> Option<usize> {
        let framed = match self.0 {
            None => frame(bytes, MESSAGE_BYTES_MAX),
            Some(front) => frame_by(front, bytes, MESSAGE_BYTES_MAX),
        };
        match framed {
            Frame::Whole { length } => Some(length),
            _ => None,
        }
    }
}

/// The first message of what was received, framed and indexed; `None` where anything is wrong.
#[inline]
fn take<'a>(front: Option<Front>, bytes: &'a [u8], index: &'a mut Index) -> Option<Message<'a>> {
    let taken = match front {
        None => Message::take(bytes, MESSAGE_BYTES_MAX, index),
        Some(front) => Message::take_by(front, bytes, MESSAGE_BYTES_MAX, index),
    };
    match taken {
        Ok((message, None)) => Some(message),
        _ => None,
    }
}

struct Taking {
    front: Option<Front>,
    index: Box<Index>,
}

impl Taking {
    fn new(front: Option<Front>) -> Taking {
        let index = Box::default();
        Taking { front, index }
    }
}

impl Indexer for Taking {
    fn count(&mut self, message: &[u8]) -> Option<usize> {
        Some(take(self.front, message, &mut self.index)?.count())
    }

    fn fields(&mut self, message: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
        Some(owned(&take(self.front, message, &mut self.index)?))
    }
}

fn owned(message: &Message<'_>) -> Vec<(u32, Vec<u8>)> {
    let fields = message.fields();
    fields.map(|(tag, value)| (tag, value.to_vec())).collect()
}

/// Fields that a message may have before our codec refuses it.
#[must_use]
pub const fn fields_max() -> usize {
    FIELDS_MAX
}

/// What our codec makes of any bytes, for the comparison with others: every field of the first
/// message, or `None` where framing, a field or the size of the index refuses it.
///
/// # Panics
/// When one pass over the bytes and framing first, then indexing, say different things.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
    let mut index = Box::new(Index::new());
    let whole = |message: &Message<'_>| message.bytes().len() == bytes.len();
    let taken = take(None, bytes, &mut index).filter(whole);
    let taken = taken.map(|message| owned(&message));
    let framed = Framing(None).length(bytes) == Some(bytes.len());
    let parsed = Message::parse(bytes, &mut index).ok().filter(|_| framed);
    assert_eq!(taken, parsed.map(|message| owned(&message)));
    taken
}

/// What a session keeps to read messages with.
struct Session {
    front: Option<Front>,
    index: Box<Index>,
    shapes: Box<Shapes>,
    dates: DateCache,
    rules: Option<(Rc<Validator>, Memo)>,
}

impl Session {
    fn new(front: Option<Front>) -> Session {
        Session {
            front,
            index: Box::default(),
            shapes: Box::default(),
            dates: DateCache::new(),
            rules: None,
        }
    }

    fn with_rules(mut self, validator: &Rc<Validator>) -> Session {
        self.rules = Some((Rc::clone(validator), Memo::new(validator)));
        self
    }

    /// The message, validated where there are rules, and what its dates are read with.
    #[inline]
    fn read<'a>(&'a mut self, bytes: &'a [u8]) -> Option<(Message<'a>, &'a mut DateCache)> {
        let message = take(self.front, bytes, &mut self.index)?.with_shapes(&mut self.shapes);
        if let Some((validator, memo)) = &mut self.rules {
            validator.validate(&message, memo).ok()?;
        }
        Some((message, &mut self.dates))
    }
}

impl Reader for Session {
    type Number = i64;
    type Moment = u64;

    fn read<R>(
        &mut self,
        message: &[u8],
        then: impl FnOnce(&Values<'_, i64, u64>) -> R,
    ) -> Option<R> {
        let (message, dates) = Session::read(self, message)?;
        Some(then(&Values {
            msg_seq_num: message.msg_seq_num().ok()?,
            sending: message.timestamp_ns_with(tag::SENDING_TIME, dates).ok()?,
            transact: message.timestamp_ns_with(tag::TRANSACT_TIME, dates).ok()?,
            cl_ord_id: message.field(tag::CL_ORD_ID)?,
            symbol: message.field(tag::SYMBOL)?,
            side: message.char(tag::SIDE).ok()?,
            order_qty: message.price(tag::ORDER_QTY).ok()?.0,
            price: message.price(tag::PRICE).ok()?.0,
        }))
    }
}

impl GroupReader for Session {
    type Number = i64;

    fn read(&mut self, message: &[u8], mut each: impl FnMut(u8, i64, i64)) -> Option<()> {
        let (message, _) = Session::read(self, message)?;
        let group = match message.msg_type() {
            b"X" => &INCREMENTAL_ENTRIES,
            b"W" => &FULL_REFRESH_ENTRIES,
            _ => return None,
        };
        // Entries are alike: each field is asked for first where the entry before had it.
        let [mut type_at, mut px_at, mut size_at] = [0; 3];
        for entry in message.groups(group).ok()? {
            let entry = entry.ok()?;
            let entry_type = entry.field_near(tag::MD_ENTRY_TYPE, &mut type_at)?;
            let px = entry.scaled_near(tag::MD_ENTRY_PX, &mut px_at, PRICE_DECIMALS);
            let size = entry.scaled_near(tag::MD_ENTRY_SIZE, &mut size_at, PRICE_DECIMALS);
            each(parse_char(entry_type).ok()?, px.ok()?, size.ok()?);
        }
        Some(())
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
        let length = write_order(order, &mut into[..])?;
        Some(then(into.get(..length)?))
    }
}

/// A template of which all is patched that differs from one order to the next. Symbols, quantities
/// and prices of the set have many widths, so that what stands behind them moves with most orders.
struct Patching {
    template: Template<'static, 9>,
    slots: OrderSlots,
}

struct OrderSlots {
    msg_seq_num: Slot,
    sending_time: Slot,
    cl_ord_id: Slot,
    account: Slot,
    symbol: Slot,
    side: Slot,
    transact_time: Slot,
    order_qty: Slot,
    price: Slot,
}

impl Patching {
    fn new() -> Option<Patching> {
        // Lives as long as the program, as a session's would; a race makes a few of them.
        let room: &'static mut [u8] = Box::leak(Box::new([0; 512]));
        let mut builder = TemplateBuilder::start(room, b"FIX.4.4");
        builder.fields(|writer| {
            writer.char(tag::MSG_TYPE, b'D');
        });
        let msg_seq_num = builder.uint(tag::MSG_SEQ_NUM);
        builder.fields(|writer| {
            writer.bytes(tag::SENDER_COMP_ID, SENDER.as_bytes());
            writer.bytes(tag::TARGET_COMP_ID, TARGET.as_bytes());
        });
        let sending_time = builder.timestamp(tag::SENDING_TIME, Precision::Milliseconds);
        let cl_ord_id = builder.text(tag::CL_ORD_ID);
        let account = builder.text(tag::ACCOUNT);
        builder.fields(|writer| {
            writer.char(HANDL_INST, b'1');
        });
        let symbol = builder.text(tag::SYMBOL);
        let side = builder.char(tag::SIDE);
        let transact_time = builder.timestamp(tag::TRANSACT_TIME, Precision::Milliseconds);
        let order_qty = builder.uint(tag::ORDER_QTY);
        builder.fields(|writer| {
            writer.char(tag::ORD_TYPE, b'2');
        });
        let price = builder.price(tag::PRICE);
        builder.fields(|writer| {
            writer.char(tag::TIME_IN_FORCE, b'0');
        });
        Some(Patching {
            template: builder.finish()?,
            slots: OrderSlots {
                msg_seq_num,
                sending_time,
                cl_ord_id,
                account,
                symbol,
                side,
                transact_time,
                order_qty,
                price,
            },
        })
    }

    #[inline]
    fn patch(&mut self, order: &Order) -> Result<(), TemplateError> {
        let Patching { template, slots } = self;
        template.set_uint(slots.msg_seq_num, order.msg_seq_num)?;
        template.set_timestamp(slots.sending_time, order.sending_ms * NS_PER_MS)?;
        template.set_text(slots.cl_ord_id, &order.cl_ord_id)?;
        template.set_text(slots.account, &order.account)?;
        template.set_text(slots.symbol, order.symbol.as_bytes())?;
        template.set_char(slots.side, order.side)?;
        template.set_timestamp(slots.transact_time, order.transact_ms * NS_PER_MS)?;
        template.set_uint(slots.order_qty, order.order_qty.into())?;
        template.set_price(slots.price, Price(order.price))
    }
}

impl level::Encoder for Patching {
    fn encode<R>(&mut self, order: &Order, then: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.patch(order).ok()?;
        Some(then(self.template.message()))
    }
}
