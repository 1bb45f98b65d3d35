//! What a member asks for, as fixed-size copyable values: the same whichever wire it came by.

use crate::{AccountId, ClOrdId, Price, Side, Symbol, VenueName, VoiceRecordId};

/// OrdType(40) as far as the venue takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrdType {
    /// 40=1 (시장가).
    Market,
    /// 40=2 (지정가).
    Limit,
}

impl OrdType {
    /// OrdType(40) as FIX writes it.
    #[must_use]
    pub const fn to_fix(self) -> u8 {
        match self {
            OrdType::Market => b'1',
            OrdType::Limit => b'2',
        }
    }
}

/// TimeInForce(59) as far as the venue takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeInForce {
    /// 59=0, OUCH `0` (FAS).
    Day,
    /// 59=3, OUCH `3` (FAK).
    ImmediateOrCancel,
    /// 59=4, OUCH `3` with MinQty equal to Quantity (FOK).
    FillOrKill,
}

impl TimeInForce {
    /// TimeInForce(59) as FIX writes it.
    #[must_use]
    pub const fn to_fix(self) -> u8 {
        match self {
            TimeInForce::Day => b'0',
            TimeInForce::ImmediateOrCancel => b'3',
            TimeInForce::FillOrKill => b'4',
        }
    }
}

/// OrderOrigin(20101): by which way the order was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderOrigin {
    /// 20101=1, the default: the member's ordinary electronic channel.
    #[default]
    Online,
    /// 20101=2: entered by call centre or branch because the online channel failed (비상주문).
    Emergency,
    /// 20101=3: sent by a registered algorithm.
    Algorithm,
}

impl OrderOrigin {
    /// Reads OrderOrigin(20101).
    #[must_use]
    pub const fn from_fix(value: u8) -> Option<OrderOrigin> {
        match value {
            b'1' => Some(OrderOrigin::Online),
            b'2' => Some(OrderOrigin::Emergency),
            b'3' => Some(OrderOrigin::Algorithm),
            _ => None,
        }
    }

    /// OrderOrigin(20101) as FIX writes it.
    #[must_use]
    pub const fn to_fix(self) -> u8 {
        match self {
            OrderOrigin::Online => b'1',
            OrderOrigin::Emergency => b'2',
            OrderOrigin::Algorithm => b'3',
        }
    }
}

/// FeeClass(20102): which fee table applies. An emergency order is charged as [`FeeClass::Hts`]
///
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FeeClass {
    /// 20102=1, the default for online orders: home trading system (HTS).
    #[default]
    Hts,
    /// 20102=2: mobile trading system (MTS).
    Mts,
    /// 20102=3: branch or call centre.
    Branch,
    /// 20102=4: direct market access.
    Dma,
}

impl FeeClass {
    /// Reads FeeClass(20102).
    #[must_use]
    pub const fn from_fix(value: u8) -> Option<FeeClass> {
        match value {
            b'1' => Some(FeeClass::Hts),
            b'2' => Some(FeeClass::Mts),
            b'3' => Some(FeeClass::Branch),
            b'4' => Some(FeeClass::Dma),
            _ => None,
        }
    }

    /// FeeClass(20102) as FIX writes it.
    #[must_use]
    pub const fn to_fix(self) -> u8 {
        match self {
            FeeClass::Hts => b'1',
            FeeClass::Mts => b'2',
            FeeClass::Branch => b'3',
            FeeClass::Dma => b'4',
        }
    }
}

/// A new order, NewOrderSingle(35=D) on FIX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// ClOrdID(11).
    pub cl_ord_id: ClOrdId,
    /// Account(1).
    pub account: AccountId,
    /// Symbol(55).
    pub symbol: Symbol,
    /// Side(54).
    pub side: Side,
    /// OrdType(40).
    pub ord_type: OrdType,
    /// Price(44); zero and meaningless for a market order.
    pub price: Price,
    /// OrderQty(38), in shares or contracts; above zero.
    pub order_qty: u32,
    /// TimeInForce(59).
    pub time_in_force: TimeInForce,
    /// OrderOrigin(20101).
    pub origin: OrderOrigin,
    /// FeeClass(20102).
    pub fee_class: FeeClass,
    /// VoiceRecordID(20103); empty when there is no recording.
    pub voice_record_id: VoiceRecordId,
    /// ExDestination(100): the venue it must go to; empty where the gateway may choose.
    pub ex_destination: VenueName,
}

/// A request to take the rest of an order off the market, OrderCancelRequest(35=F) on FIX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelRequest {
    /// ClOrdID(11) of this request.
    pub cl_ord_id: ClOrdId,
    /// OrigClOrdID(41): the order's latest accepted ClOrdID.
    pub orig_cl_ord_id: ClOrdId,
    /// Symbol(55), which must be the order's.
    pub symbol: Symbol,
    /// Side(54), which must be the order's.
    pub side: Side,
}

/// A request to change an order's price or total quantity, OrderCancelReplaceRequest(35=G) on FIX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplaceRequest {
    /// ClOrdID(11) of this request, the order's name once it is accepted.
    pub cl_ord_id: ClOrdId,
    /// OrigClOrdID(41): the order's latest accepted ClOrdID.
    pub orig_cl_ord_id: ClOrdId,
    /// Symbol(55), which must be the order's.
    pub symbol: Symbol,
    /// Side(54), which must be the order's.
    pub side: Side,
    /// OrdType(40), which must be the order's.
    pub ord_type: OrdType,
    /// Price(44) from now on.
    pub price: Price,
    /// OrderQty(38): the new total, what is executed included.
    pub order_qty: u32,
    /// ExDestination(100), which must be the order's venue; empty where nothing is said.
    pub ex_destination: VenueName,
}
