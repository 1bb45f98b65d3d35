//! Values in their types and in ours: what both sides can say, chosen once and given to each.

use gwanmun_binary::ouch::Firm;
use gwanmun_binary::ouch::codes::TimeInForce;
use gwanmun_market::{OrderId, Price, Symbol, Text};
use slouch::types as their;

use crate::samples::Random;

/// What `slouch` takes as quantity.
const QUANTITY_END: u64 = 1_000_000;
/// What `slouch` takes as price: 199,999.99, two decimals short of the text's own bound.
const PRICE_MAX: u64 = 1_999_999_900;

pub(crate) fn quantity(random: &mut Random) -> u32 {
    u32::try_from(random.below(QUANTITY_END)).unwrap()
}

pub(crate) fn price(random: &mut Random) -> u64 {
    random.below(PRICE_MAX + 1)
}

pub(crate) fn pick<'c, T>(random: &mut Random, codes: &'c [T]) -> &'c T {
    &codes[random.index(codes.len())]
}

pub(crate) fn letters(random: &mut Random, length: usize) -> String {
    (0..length)
        .map(|_| char::from(b'A' + u8::try_from(random.below(26)).unwrap()))
        .collect()
}

pub(crate) fn symbol(random: &mut Random) -> String {
    let length = random.index(9);
    letters(random, length)
}

pub(crate) fn their_price(price: u64) -> their::Price {
    their::Price::new(price).unwrap()
}

pub(crate) fn our_price(price: u64) -> Price {
    Price(price.cast_signed())
}

pub(crate) fn their_number(number: u32) -> their::UserRefNum {
    their::UserRefNum::parse(&number.to_be_bytes()).unwrap().1
}

pub(crate) fn their_side(byte: u8) -> their::Side {
    their::Side::parse(&[byte]).unwrap().1
}

pub(crate) fn our_time_in_force(time: their::TimeInForce) -> TimeInForce {
    TimeInForce(time.encode()[0])
}

pub(crate) fn time(time: their::NaiveTime) -> u64 {
    let since_midnight = time.signed_duration_since(their::NaiveTime::MIN);
    u64::try_from(since_midnight.num_nanoseconds().unwrap()).unwrap()
}

pub(crate) fn side(side: their::Side) -> gwanmun_market::Side {
    gwanmun_market::Side::from_ouch(side.encode()[0]).unwrap()
}

pub(crate) fn symbol_of(symbol: their::StockSymbol) -> Symbol {
    Text::from_padded(&symbol.encode())
}

pub(crate) fn firm_of(firm: their::Mpid) -> Firm {
    Text::from_padded(&firm.encode())
}

pub(crate) fn cl_ord_id_of(token: their::OrderToken) -> OrderId {
    Text::from_padded(&token.encode())
}
