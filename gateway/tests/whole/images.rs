//! The state image read back field by field, and the sums that must hold in every state.

use std::collections::BTreeMap;

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_gateway::effect::{TAG_ORDER, TAG_POSITION};
use gwanmun_gateway::image::ImageReader;
use gwanmun_market::{ClOrdId, OrderId, VoiceRecordId};

/// An order's image as far as the sums need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderImage {
    pub(crate) account: u16,
    pub(crate) instrument: u16,
    pub(crate) venue: u16,
    /// 0 sent, 1 new, 2 partly filled, 3 filled, 4 canceled, 5 rejected, 6 held.
    pub(crate) state: u8,
    pub(crate) has_cancel: bool,
    /// New total of a pending replace.
    pub(crate) replace_qty: Option<u32>,
    pub(crate) replace_price: Option<i64>,
    pub(crate) order_id: OrderId,
    pub(crate) user_ref_num: u32,
    pub(crate) is_sell: bool,
    pub(crate) order_qty: u32,
    pub(crate) cum_qty: u32,
    pub(crate) reserved_qty: u32,
    /// As FIX has it.
    pub(crate) side: u8,
    pub(crate) price: i64,
    /// Of a market order: what it is valued at.
    pub(crate) market_price: Option<i64>,
    pub(crate) executed_value: i128,
    /// Quantity sent, and with its prices.
    pub(crate) sent: (u64, i128),
}

/// A position's image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PositionImage {
    /// Zero where it is not known.
    pub(crate) opening: i64,
    pub(crate) bought: i64,
    pub(crate) sold: i64,
    pub(crate) working_buy: i64,
    pub(crate) working_sell: i64,
}

pub(crate) struct Images {
    pub(crate) orders: Vec<OrderImage>,
    pub(crate) positions: BTreeMap<(u16, u16), PositionImage>,
}

fn order(bytes: &[u8]) -> Option<OrderImage> {
    let mut from = ImageReader::new(bytes);
    let (_slot, _session) = (from.u32()?, from.u16()?);
    let (account, instrument, venue) = (from.u16()?, from.u16()?, from.u16()?);
    let state = from.u8()?;
    let has_cancel = from.u8()? == 1;
    let _: ClOrdId = from.text()?;
    let has_replace = from.u8()? == 1;
    let _: ClOrdId = from.text()?;
    let (_, replace_qty, replace_price) = (from.u32()?, from.u32()?, from.i64()?);
    let order_id = from.text()?;
    let _: ClOrdId = from.text()?;
    let user_ref_num = from.u32()?;
    let side = from.u8()?;
    let is_market = from.u8()? == b'1';
    from.bytes(3)?;
    let _: VoiceRecordId = from.text()?;
    let price = from.i64()?;
    let (order_qty, cum_qty) = (from.u32()?, from.u32()?);
    let executed_value = from.i128()?;
    let reserved_qty = from.u32()?;
    let _requests = from.u16()?;
    let market_price = if is_market { Some(from.i64()?) } else { None };
    let sent = match from.u8()? {
        0 => (0, 0),
        1 => {
            let price = market_price.unwrap_or(price).unsigned_abs();
            (
                u64::from(order_qty),
                i128::from(price) * i128::from(order_qty),
            )
        }
        _ => (from.u64()?, from.i128()?),
    };
    assert!(from.is_empty());
    Some(OrderImage {
        side,
        price,
        market_price,
        executed_value,
        sent,
        account,
        instrument,
        venue,
        state,
        has_cancel,
        replace_qty: has_replace.then_some(replace_qty),
        replace_price: has_replace.then_some(replace_price),
        order_id,
        user_ref_num,
        is_sell: side != b'1',
        order_qty,
        cum_qty,
        reserved_qty,
    })
}

fn position(bytes: &[u8]) -> Option<((u16, u16), PositionImage)> {
    let mut from = ImageReader::new(bytes);
    let key = (from.u16()?, from.u16()?);
    let (is_known, opening) = (from.u8()?, from.i64()?);
    Some((
        key,
        PositionImage {
            opening: if is_known == 1 { opening } else { 0 },
            bought: from.i64()?,
            sold: from.i64()?,
            working_buy: from.i64()?,
            working_sell: from.i64()?,
        },
    ))
}

impl Images {
    pub(crate) fn read(image: &[u8]) -> Images {
        let mut images = Images {
            orders: Vec::new(),
            positions: BTreeMap::new(),
        };
        for entry in EffectReader::new(image) {
            match entry.unwrap() {
                Entry::State {
                    tag: TAG_ORDER,
                    bytes,
                } => images.orders.push(order(bytes).unwrap()),
                Entry::State {
                    tag: TAG_POSITION,
                    bytes,
                } => {
                    let (key, position) = position(bytes).unwrap();
                    images.positions.insert(key, position);
                }
                _ => {}
            }
        }
        images
    }

    /// What every position holds back and has traded is the sum over its orders, and every order
    /// holds back exactly what it may still execute.
    pub(crate) fn assert_sums(&self) {
        let mut sums = BTreeMap::new();
        for order in &self.orders {
            let is_done = (3..6).contains(&order.state);
            let leaves = order.order_qty.saturating_sub(order.cum_qty);
            let replaced = order.replace_qty.unwrap_or(0).saturating_sub(order.cum_qty);
            let expected = if is_done { 0 } else { leaves.max(replaced) };
            assert_eq!(order.reserved_qty, expected, "{order:?}");
            assert!(!is_done || !order.has_cancel && order.replace_qty.is_none());
            let key = (order.account, order.instrument, order.is_sell);
            let sum: &mut (i64, i64) = sums.entry(key).or_default();
            sum.0 += i64::from(order.reserved_qty);
            sum.1 += i64::from(order.cum_qty);
        }
        for (&(account, instrument), position) in &self.positions {
            let of = |is_sell| {
                let key = (account, instrument, is_sell);
                sums.get(&key).copied().unwrap_or((0, 0))
            };
            assert_eq!((position.working_buy, position.bought), of(false));
            assert_eq!((position.working_sell, position.sold), of(true));
        }
    }
}
