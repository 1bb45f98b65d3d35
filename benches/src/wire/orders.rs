//! The orders of a run: made once from the seed, patched for each use, all outside the clock.
//!
//! [`ORDERS`] different NewOrderSingle(35=D) messages; one in [`REFUSED_EVERY`] stands off the tick
//! and must be refused by the gateway. What is patched has a fixed width: ClOrdID(11),
//! MsgSeqNum(34) with leading zeros, SendingTime(52), TransactTime(60) and CheckSum(10).

use gwanmun_fix::frame::check_sum;
use gwanmun_fix::messages::new_order_single;
use gwanmun_fix::time::{Precision, TIMESTAMP_BYTES_MAX, write_utc_timestamp};
use gwanmun_market::{
    NewOrder, OrdType, OrderOrigin, Price, Side, Symbol, TickTable, TimeInForce, VenueName,
    VoiceRecordId,
};

use crate::messages::{GATE, LISTINGS, Listing, NOW_NS, account, text, whole};
use crate::random::Random;
use crate::{MESSAGES, SEED};

/// Different orders of a run.
pub const ORDERS: usize = 1_000;
/// One order in so many must be refused.
pub const REFUSED_EVERY: usize = 100;
/// Which of them.
const REFUSED_AT: usize = 37;
/// Bytes of a ClOrdID(11) here: a letter and the order's number.
const CL_ORD_ID_BYTES: usize = 12;
/// Digits of a MsgSeqNum(34) here.
const SEQ_NUM_DIGITS: usize = 8;
/// CheckSum(10) with its tag and SOH.
const TRAILER_BYTES: usize = 7;

const _: () = assert!(ORDERS <= MESSAGES && ORDERS.is_multiple_of(REFUSED_EVERY));

/// What must become of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Side(54).
    pub side: Side,
    /// Symbol(55).
    pub symbol: Symbol,
    /// OrderQty(38).
    pub quantity: u32,
    /// Price(44).
    pub price: Price,
    /// The tick check must refuse it.
    pub is_refused: bool,
}

/// One order, ready to be patched.
#[derive(Clone, Debug)]
struct Template {
    bytes: Vec<u8>,
    cl_ord_id: usize,
    msg_seq_num: usize,
    sending_time: usize,
    transact_time: usize,
    expected: Expected,
}

/// All orders of a run.
#[derive(Clone, Debug)]
pub struct Orders {
    templates: Vec<Template>,
}

impl Default for Orders {
    fn default() -> Self {
        Orders::from(b"MEMBER001")
    }
}

impl Orders {
    /// The orders of the member with this CompID.
    #[must_use]
    pub fn from(member: &[u8]) -> Orders {
        let pick = |random: &mut Random| random.pick(&LISTINGS).unwrap_or(LISTINGS[0]);
        Orders::picked(member, pick, |index| index % REFUSED_EVERY == REFUSED_AT)
    }

    /// Orders that every check lets pass, all of them.
    #[must_use]
    pub fn all_pass(member: &[u8]) -> Orders {
        let pick = |random: &mut Random| random.pick(&LISTINGS).unwrap_or(LISTINGS[0]);
        Orders::picked(member, pick, |_| false)
    }

    /// Orders off the tick, all of them: a report each, and nothing at the venue.
    #[must_use]
    pub fn all_refused(member: &[u8]) -> Orders {
        let pick = |random: &mut Random| random.pick(&LISTINGS).unwrap_or(LISTINGS[0]);
        Orders::picked(member, pick, |_| true)
    }

    /// The same with so many in a thousand on the first instrument; the others share the rest.
    #[must_use]
    pub fn with_hot_symbol(member: &[u8], per_mille: u32) -> Orders {
        let [hot, others @ ..] = LISTINGS;
        let pick = |random: &mut Random| {
            let is_hot = random.below(1_000) < per_mille;
            let other = random.pick(&others).unwrap_or(hot);
            if is_hot { hot } else { other }
        };
        Orders::picked(member, pick, |index| index % REFUSED_EVERY == REFUSED_AT)
    }

    fn picked(
        member: &[u8],
        mut pick: impl FnMut(&mut Random) -> Listing,
        is_refused: impl Fn(usize) -> bool,
    ) -> Orders {
        let mut random = Random::new(SEED);
        let templates = (0..ORDERS)
            .map(|index| {
                let listing = pick(&mut random);
                template(&mut random, listing, member, is_refused(index))
            })
            .collect();
        Orders { templates }
    }

    fn template(&self, number: u64) -> Option<&Template> {
        let index = usize::try_from(number).ok()? % self.templates.len().max(1);
        self.templates.get(index)
    }

    /// What must become of the order with this number.
    ///
    /// # Panics
    /// Never: a run has orders.
    #[must_use]
    pub fn expected(&self, number: u64) -> Expected {
        self.template(number).expect("a run has orders").expected
    }

    /// Writes the order with this number, its MsgSeqNum(34) and times put in.
    pub fn write(&self, number: u64, msg_seq_num: u64, now_ns: u64, into: &mut Vec<u8>) {
        into.clear();
        let Some(template) = self.template(number) else {
            return;
        };
        into.extend_from_slice(&template.bytes);
        let mut time = [0; TIMESTAMP_BYTES_MAX];
        write_utc_timestamp(now_ns, Precision::Nanoseconds, &mut time);
        put(into, template.cl_ord_id, &cl_ord_id(number));
        let digits = format!("{msg_seq_num:0width$}", width = SEQ_NUM_DIGITS);
        put(into, template.msg_seq_num, digits.as_bytes());
        put(into, template.sending_time, &time);
        put(into, template.transact_time, &time);
        let body = into.len().saturating_sub(TRAILER_BYTES);
        let sum = check_sum(into.get(..body).unwrap_or_default());
        put(into, body + 3, format!("{sum:03}").as_bytes());
    }
}

/// The ClOrdID(11) of an order.
#[must_use]
pub fn cl_ord_id(number: u64) -> [u8; CL_ORD_ID_BYTES] {
    let mut bytes = [b'0'; CL_ORD_ID_BYTES];
    let text = format!("W{number:0width$}", width = CL_ORD_ID_BYTES - 1);
    for (to, from) in bytes.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    bytes
}

/// The number behind a ClOrdID(11) of a run.
#[must_use]
pub fn number_of(cl_ord_id: &[u8]) -> Option<u64> {
    let digits = cl_ord_id.strip_prefix(b"W")?;
    let is_ours = digits.len() == CL_ORD_ID_BYTES - 1 && digits.iter().all(u8::is_ascii_digit);
    core::str::from_utf8(digits)
        .ok()
        .filter(|_| is_ours)?
        .parse()
        .ok()
}

fn put(into: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(room) = into.get_mut(at..at + bytes.len()) {
        room.copy_from_slice(bytes);
    }
}

fn template(random: &mut Random, listing: Listing, member: &[u8], is_refused: bool) -> Template {
    let base = Price::from_whole(listing.base);
    let tick = TickTable::of(listing.ticks).tick_at(base);
    let steps = i64::from(random.below(5)) - 2;
    let off_tick = if is_refused { tick.0 / 2 } else { 0 };
    let expected = Expected {
        side: if random.below(2) == 0 {
            Side::Buy
        } else {
            Side::Sell
        },
        symbol: text(listing.symbol),
        quantity: 1 + random.below(500),
        price: Price(base.0 + steps * tick.0 + off_tick),
        is_refused,
    };
    let order = NewOrder {
        cl_ord_id: text(&cl_ord_id(0)),
        account: account(1 + random.below(2)),
        symbol: expected.symbol,
        side: expected.side,
        ord_type: OrdType::Limit,
        price: expected.price,
        order_qty: expected.quantity,
        time_in_force: TimeInForce::Day,
        origin: OrderOrigin::Online,
        fee_class: gwanmun_market::FeeClass::Hts,
        voice_record_id: VoiceRecordId::EMPTY,
        ex_destination: VenueName::EMPTY,
    };
    // Eight digits from the start, so that every later number has its place.
    let first = 10_u64.pow(7);
    let bytes = whole(
        new_order_single::MSG_TYPE,
        (member, GATE),
        first,
        |writer| {
            new_order_single::write(writer, &order, NOW_NS);
        },
    );
    let place = |tag: &str| {
        let start = format!("\x01{tag}=").into_bytes();
        let mut windows = bytes.windows(start.len());
        windows
            .position(|window| window == start)
            .map(|at| at + start.len())
    };
    let missing = "a new order has this field";
    Template {
        cl_ord_id: place("11").expect(missing),
        msg_seq_num: place("34").expect(missing),
        sending_time: place("52").expect(missing),
        transact_time: place("60").expect(missing),
        bytes,
        expected,
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_fix::Message;
    use gwanmun_fix::frame::{Frame, frame};
    use gwanmun_fix::index::Index;
    use gwanmun_fix::messages::new_order_single::NewOrderSingle;

    use super::*;

    #[test]
    fn a_patched_order_is_a_whole_message_that_says_what_was_put_in() {
        let orders = Orders::default();
        let mut bytes = Vec::new();
        let mut index = Index::new();
        let times = [NOW_NS, NOW_NS + 987_654_321_012];
        for number in [0, 1, 36, 37, 999, 1_000, 1_037, 99_999_999_999] {
            for now_ns in times {
                orders.write(number, number % 90_000_000 + 2, now_ns, &mut bytes);
                let length = bytes.len();
                assert_eq!(frame(&bytes, 4_096), Frame::Whole { length }, "{number}");
                let message = Message::parse(&bytes, &mut index).unwrap();
                assert_eq!(message.msg_seq_num(), Ok(number % 90_000_000 + 2));
                assert_eq!(message.sending_time_ns(), Ok(now_ns));
                let order = NewOrderSingle::new(message);
                assert_eq!(order.transact_time_ns(), Ok(now_ns));
                let order = order.to_new_order().unwrap();
                assert_eq!(number_of(order.cl_ord_id.as_bytes()), Some(number));
                let expected = orders.expected(number);
                assert_eq!(
                    (order.side, order.symbol, order.order_qty, order.price),
                    (
                        expected.side,
                        expected.symbol,
                        expected.quantity,
                        expected.price
                    )
                );
            }
        }
    }

    #[test]
    fn one_in_a_hundred_is_off_the_tick_and_no_other() {
        let orders = Orders::default();
        let mut refused = 0;
        for number in 0..1_000 {
            let expected = orders.expected(number);
            let listing = LISTINGS
                .iter()
                .find(|listing| listing.symbol == expected.symbol.as_bytes())
                .unwrap();
            let is_on_tick = TickTable::of(listing.ticks).is_on_tick(expected.price);
            assert_eq!(is_on_tick, !expected.is_refused, "{number}");
            refused += u64::from(expected.is_refused);
        }
        assert_eq!(refused, 10);
    }

    #[test]
    fn a_hot_symbol_has_the_share_that_was_asked_for() {
        let share = |orders: &Orders| {
            let is_hot =
                |number: &u64| orders.expected(*number).symbol.as_bytes() == LISTINGS[0].symbol;
            (0..1_000).filter(is_hot).count()
        };
        let hot = share(&Orders::with_hot_symbol(b"M", 900));
        assert!((870..930).contains(&hot), "{hot}");
        let even = share(&Orders::default());
        assert!((200..300).contains(&even), "{even}");
        assert_eq!(share(&Orders::with_hot_symbol(b"M", 0)), 0);
    }

    #[test]
    fn only_our_own_numbers_are_read_back() {
        assert_eq!(number_of(&cl_ord_id(42)), Some(42));
        for other in [
            &b""[..],
            b"W",
            b"W0000000001",
            b"X00000000001",
            b"W0000000000x",
        ] {
            assert_eq!(number_of(other), None);
        }
    }
}
