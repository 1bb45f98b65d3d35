//! `fixlite`: structs by derive, and a builder. A message goes straight into a struct, so there is
//! no list of fields, and no dictionary.

use std::rc::Rc;

use chrono::{DateTime, Utc};
use fixlite::enums::{HandlInst, MsgType, OrdType, Side, TimeInForce};
use fixlite::fix::FixedPrice;
use fixlite::{FixBuilder, FixDeserialize, fix_tag_registry};
use race_ours::ground::Ground;
use race_ours::level::{Encoder, Entrant, GroupReader, Moment, Number, Reader, Values};
use race_ours::message_sets::{Order, SENDER, TARGET};
use race_ours::work;

use super::utc;

const NAME: &str = "fixlite";

/// What it can do of a level.
#[must_use]
pub fn entrants(level: &str, _set: &str, ground: &Rc<Ground>) -> Vec<Entrant> {
    vec![match level {
        "fields" => work::fields(NAME, ground, Fixlite),
        "groups" => work::groups(NAME, ground, Fixlite),
        "encode" => work::encode(NAME, ground, Writing::default()),
        "frame" => Entrant::left_out(NAME, "it verifies while it reads every field"),
        "index" => Entrant::left_out(NAME, "it decodes into a struct and lists no fields"),
        _ => Entrant::left_out(NAME, "it knows no dictionary"),
    }]
}

/// A decimal with four places.
type Amount = FixedPrice<14, 4>;

impl Number for Fixed {
    fn ten_thousandths(&self) -> i64 {
        self.0.raw()
    }
}

struct Fixed(Amount);

struct Time(DateTime<Utc>);

impl Moment for Time {
    fn epoch_ms(&self) -> u64 {
        u64::try_from(self.0.timestamp_millis()).unwrap_or(0)
    }
}

/// Which tags have which types.
mod registry {
    use super::{Amount, DateTime, Utc, fix_tag_registry};

    fix_tag_registry! {
        Types {
            34 => [u64],
            38 => [Amount],
            44 => [Amount],
            52 => [DateTime<Utc>],
            60 => [DateTime<Utc>],
            270 => [Amount],
            271 => [Amount],
        }
    }
}
use registry::Types;

#[derive(FixDeserialize)]
#[fix_registry(Types)]
struct Order8<'a> {
    #[fix(tag = 34)]
    msg_seq_num: u64,
    #[fix(tag = 52)]
    sending: DateTime<Utc>,
    #[fix(tag = 60)]
    transact: DateTime<Utc>,
    #[fix(tag = 11)]
    cl_ord_id: &'a str,
    #[fix(tag = 55)]
    symbol: &'a str,
    #[fix(tag = 54)]
    side: &'a str,
    #[fix(tag = 38)]
    order_qty: Amount,
    #[fix(tag = 44)]
    price: Amount,
}

#[derive(FixDeserialize)]
#[fix_registry(Types)]
struct Entry<'a> {
    #[fix(tag = 269)]
    entry_type: &'a str,
    #[fix(tag = 270)]
    price: Amount,
    #[fix(tag = 271)]
    size: Amount,
}

#[derive(FixDeserialize)]
#[fix_registry(Types)]
struct Entries<'a> {
    #[fix_group(tag = 268)]
    entries: Vec<Entry<'a>>,
}

struct Fixlite;

impl Reader for Fixlite {
    type Number = Fixed;
    type Moment = Time;

    fn read<R>(
        &mut self,
        message: &[u8],
        then: impl FnOnce(&Values<'_, Fixed, Time>) -> R,
    ) -> Option<R> {
        let order: Order8<'_> = fixlite::decode(message).ok()?;
        Some(then(&Values {
            msg_seq_num: order.msg_seq_num,
            sending: Time(order.sending),
            transact: Time(order.transact),
            cl_ord_id: order.cl_ord_id.as_bytes(),
            symbol: order.symbol.as_bytes(),
            side: *order.side.as_bytes().first()?,
            order_qty: Fixed(order.order_qty),
            price: Fixed(order.price),
        }))
    }
}

impl GroupReader for Fixlite {
    type Number = Fixed;

    fn read(&mut self, message: &[u8], mut each: impl FnMut(u8, Fixed, Fixed)) -> Option<()> {
        let message: Entries<'_> = fixlite::decode(message).ok()?;
        for entry in message.entries {
            let entry_type = *entry.entry_type.as_bytes().first()?;
            each(entry_type, Fixed(entry.price), Fixed(entry.size));
        }
        Some(())
    }
}

struct Writing(FixBuilder);

impl Default for Writing {
    fn default() -> Self {
        Writing(FixBuilder::new("FIX.4.4", SENDER, TARGET))
    }
}

impl Encoder for Writing {
    fn encode<R>(&mut self, order: &Order, then: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let side = if order.side == b'1' {
            Side::Buy
        } else {
            Side::Sell
        };
        let (sending, transact) = (utc(order.sending_ms), utc(order.transact_ms));
        let begun = self
            .0
            .begin_with(&order.msg_seq_num, &sending, &MsgType::NewOrderSingle);
        let message = begun
            .bytes(11, &order.cl_ord_id)
            .bytes(1, &order.account)
            .field_tagged(HandlInst::Automated)
            .str(55, order.symbol)
            .field_tagged(side)
            .field_ref(60, &transact)
            .field(38, order.order_qty)
            .field_tagged(OrdType::Limit)
            .field(44, Amount::from_raw(order.price))
            .field_tagged(TimeInForce::Day)
            .finish();
        Some(then(message))
    }
}
