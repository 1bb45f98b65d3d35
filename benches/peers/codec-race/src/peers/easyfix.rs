//! `easyfix-messages`: generated structs for FIX 5.0 SP2 and FIXT 1.1; what it parses is validated
//! against that dictionary. Decimals are rust_decimal's, times are chrono's.
//!
//! Another dictionary would have to be given to its build by an environment variable, so it gets
//! the same messages under BeginString(8)=FIXT.1.1, which is one byte longer.

use std::rc::Rc;

use easyfix_messages::deserializer::raw_message;
use easyfix_messages::fields::{
    FixStr, FixString, HandlInst, MsgType, OrdType, Price, Side, TimeInForce, UtcTimestamp,
};
use easyfix_messages::messages::{BEGIN_STRING, FixtMessage, Header, Message, NewOrderSingle};
use race_ours::ground::Ground;
use race_ours::level::{Encoder, Entrant, Framer, Moment, Reader, Values};
use race_ours::message_sets::{Order, SENDER, TARGET};
use race_ours::work;

use super::{Decoded, Exact, utc};

const NAME: &str = "easyfix-messages";

/// What it can do of a level.
#[must_use]
pub fn entrants(level: &str, set: &str) -> Vec<Entrant> {
    let ground = || Rc::new(Ground::under("FIXT.1.1", set));
    let has_groups = ["mdi", "mds"].contains(&set);
    vec![match level {
        "frame" => work::frame(NAME, &ground(), Easyfix),
        "validated" if has_groups => Entrant::left_out(
            NAME,
            "it wants a colon behind the seconds of a UTCTimeOnly, which entries have in 273",
        ),
        "validated" => work::fields(NAME, &ground(), Easyfix),
        "encode" => work::encode(NAME, &Rc::new(Ground::new(set)), Easyfix),
        "index" => Entrant::left_out(NAME, "it decodes into structs and lists no fields"),
        _ => Entrant::left_out(NAME, "its only parse validates: see `validated`"),
    }]
}

/// What it makes of bytes under FIXT.1.1: it lists no fields, so they are those that it writes
/// again, by tag.
#[must_use]
pub fn decode(bytes: &[u8]) -> Decoded {
    match FixtMessage::from_bytes(bytes) {
        Err(error) => Decoded::Refused(error.to_string()),
        Ok(message) => {
            let again = message.serialize();
            let fields = work::fields_by_tag(&again).unwrap_or_default();
            let number = |tag: &[u8]| String::from_utf8_lossy(tag).parse().unwrap_or(0);
            let fields = fields
                .iter()
                .map(|(tag, value)| (number(tag), value.to_vec()));
            Decoded::Fields(fields.collect())
        }
    }
}

struct Easyfix;

struct Time(UtcTimestamp);

impl Moment for Time {
    fn epoch_ms(&self) -> u64 {
        u64::try_from(self.0.timestamp().timestamp_millis()).unwrap_or(0)
    }
}

impl Framer for Easyfix {
    fn length(&mut self, bytes: &[u8]) -> Option<usize> {
        let (rest, _) = raw_message(bytes).ok()?;
        Some(bytes.len() - rest.len())
    }
}

fn bytes(text: &FixStr) -> &[u8] {
    text.as_ref()
}

impl Reader for Easyfix {
    type Number = Exact;
    type Moment = Time;

    fn read<R>(
        &mut self,
        message: &[u8],
        then: impl FnOnce(&Values<'_, Exact, Time>) -> R,
    ) -> Option<R> {
        let message = FixtMessage::from_bytes(message).ok()?;
        let (cl_ord_id, symbol, side, order_qty, price, transact) = match &*message.body {
            Message::NewOrderSingle(order) => (
                &order.cl_ord_id,
                order.symbol.as_ref()?,
                order.side,
                order.order_qty?,
                order.price?,
                order.transact_time,
            ),
            Message::ExecutionReport(report) => (
                report.cl_ord_id.as_ref()?,
                report.symbol.as_ref()?,
                report.side,
                report.order_qty?,
                report.price?,
                report.transact_time?,
            ),
            _ => return None,
        };
        Some(then(&Values {
            msg_seq_num: message.header.msg_seq_num.into(),
            sending: Time(message.header.sending_time),
            transact: Time(transact),
            cl_ord_id: bytes(cl_ord_id),
            symbol: bytes(symbol),
            side: match side {
                Side::Buy => b'1',
                Side::Sell => b'2',
                _ => return None,
            },
            order_qty: Exact(order_qty),
            price: Exact(price),
        }))
    }
}

fn text(bytes: &[u8]) -> Option<FixString> {
    FixString::from_ascii(bytes.to_vec()).ok()
}

impl Encoder for Easyfix {
    /// Another BeginString(8), and another order of fields.
    const IS_SAME_BYTES: bool = false;

    fn encode<R>(&mut self, order: &Order, then: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let header = Header {
            begin_string: BEGIN_STRING.to_owned(),
            msg_type: MsgType::NewOrderSingle,
            msg_seq_num: u32::try_from(order.msg_seq_num).ok()?,
            sender_comp_id: text(SENDER.as_bytes())?,
            target_comp_id: text(TARGET.as_bytes())?,
            sending_time: UtcTimestamp::with_millis(utc(order.sending_ms)),
            ..Header::default()
        };
        let body = NewOrderSingle {
            cl_ord_id: text(&order.cl_ord_id)?,
            account: Some(text(&order.account)?),
            handl_inst: Some(HandlInst::AutomatedExecutionOrderPrivateNoBrokerIntervention),
            symbol: Some(text(order.symbol.as_bytes())?),
            side: if order.side == b'1' {
                Side::Buy
            } else {
                Side::Sell
            },
            transact_time: UtcTimestamp::with_millis(utc(order.transact_ms)),
            order_qty: Some(order.order_qty.into()),
            ord_type: OrdType::Limit,
            price: Some(Price::new(order.price, 4).normalize()),
            time_in_force: Some(TimeInForce::Day),
            ..NewOrderSingle::default()
        };
        let message = FixtMessage {
            header: Box::new(header),
            body: Box::new(Message::NewOrderSingle(body)),
            trailer: Box::default(),
        };
        Some(then(&message.serialize()))
    }
}
