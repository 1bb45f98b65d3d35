//! What our codec does with an order of the codec race: writes all of it, reads eight fields.
//!
//! For the benches and for what counts instructions; the race of `peers/` takes this file in by its
//! path. What other engines do with an order is there.

use std::hint::black_box;

use gwanmun_fix::encode::MessageWriter;
use gwanmun_fix::time::{DateCache, Precision};
use gwanmun_fix::{FieldError, Message, tag};
use gwanmun_market::Price;

use crate::message_sets::{Order, SENDER, TARGET};

const NS_PER_MS: u64 = 1_000_000;
/// HandlInst(21), which the gateway does not read.
const HANDL_INST: u32 = 21;

/// Writes an order; gives its length, and `None` where it does not fit.
#[inline]
pub fn write_order(order: &Order, into: &mut [u8]) -> Option<usize> {
    let mut writer = MessageWriter::start(into, b"FIX.4.4");
    let [sending_ns, transact_ns] = [order.sending_ms, order.transact_ms].map(|ms| ms * NS_PER_MS);
    writer
        .char(tag::MSG_TYPE, b'D')
        .uint(tag::MSG_SEQ_NUM, order.msg_seq_num)
        .bytes(tag::SENDER_COMP_ID, SENDER.as_bytes())
        .bytes(tag::TARGET_COMP_ID, TARGET.as_bytes())
        .timestamp_in(tag::SENDING_TIME, sending_ns, Precision::Milliseconds)
        .bytes(tag::CL_ORD_ID, &order.cl_ord_id)
        .bytes(tag::ACCOUNT, &order.account)
        .char(HANDL_INST, b'1')
        .bytes(tag::SYMBOL, order.symbol.as_bytes())
        .char(tag::SIDE, order.side)
        .timestamp_in(tag::TRANSACT_TIME, transact_ns, Precision::Milliseconds)
        .uint(tag::ORDER_QTY, order.order_qty.into())
        .char(tag::ORD_TYPE, b'2')
        .price(tag::PRICE, Price(order.price))
        .char(tag::TIME_IN_FORCE, b'0');
    writer.finish()
}

/// Reads the eight fields of the level `fields`; gives MsgSeqNum(34).
///
/// # Errors
/// One is missing or wrong.
#[inline]
pub fn read_eight(message: &Message<'_>, dates: &mut DateCache) -> Result<u64, FieldError> {
    let msg_seq_num = message.msg_seq_num()?;
    black_box((
        message.timestamp_ns_with(tag::SENDING_TIME, dates)?,
        message.timestamp_ns_with(tag::TRANSACT_TIME, dates)?,
        message.required(tag::CL_ORD_ID)?,
        message.required(tag::SYMBOL)?,
        message.char(tag::SIDE)?,
        message.price(tag::ORDER_QTY)?,
        message.price(tag::PRICE)?,
    ));
    Ok(msg_seq_num)
}
