//! What a participant that speaks FIX is told: its stream's reports as ExecutionReport(8) and
//! OrderCancelReject(9).
//!
//! In it: [`Shadow`], an order as its reports tell of it, since most OUCH reports name an order by
//! its number alone. Not in it: when a report is told (see `fix_party.rs`).

use gwanmun_binary::ouch::Outbound;
use gwanmun_binary::ouch::codes::OrderState;
use gwanmun_fix::message::Message;
use gwanmun_fix::messages::execution_report::{self, ExecType, OrdStatus};
use gwanmun_fix::messages::order_cancel_reject;
use gwanmun_fix::tag;
use gwanmun_market::{
    AccountId, ClOrdId, FeeClass, NewOrder, OrdType, OrderId, OrderOrigin, Price, Side, Symbol,
    TimeInForce,
};

use crate::desk::Desk;
use crate::fix_party::Party;

/// OrdRejReason(103) and CxlRejReason(102) Other, OrdRejReason(103) Unknown order.
const OTHER: u32 = 99;
const UNKNOWN_ORDER: u32 = 5;

/// An order as it was told last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shadow {
    name: ClOrdId,
    pub(crate) key: OrderId,
    account: AccountId,
    symbol: Symbol,
    side: Side,
    ord_type: OrdType,
    pub(crate) time_in_force: TimeInForce,
    price: Price,
    total: u32,
    executed: u32,
    value: i128,
    status: OrdStatus,
}

impl Shadow {
    pub(crate) fn new(order: &NewOrder, key: OrderId) -> Shadow {
        Shadow {
            name: order.cl_ord_id,
            key,
            account: order.account,
            symbol: order.symbol,
            side: order.side,
            ord_type: order.ord_type,
            time_in_force: order.time_in_force,
            price: order.price,
            total: order.order_qty,
            executed: 0,
            value: 0,
            status: OrdStatus::New,
        }
    }

    fn is_live(&self) -> bool {
        matches!(self.status, OrdStatus::New | OrdStatus::PartiallyFilled)
    }

    fn avg_px(&self) -> Price {
        let average = self.value.checked_div(i128::from(self.executed));
        Price(average.and_then(|it| i64::try_from(it).ok()).unwrap_or(0))
    }
}

/// One ExecutionReport(8) about an order.
#[derive(Clone, Copy)]
struct Told<'a> {
    exec_type: ExecType,
    exec_id: &'a [u8],
    /// ClOrdID(11) and OrigClOrdID(41) where they are a request's.
    request: Option<(&'a [u8], &'a [u8])>,
    last: Option<(u32, Price)>,
    reason: Option<u32>,
    request_id: &'a [u8],
}

impl Party {
    /// Tells all that the stream has and was not told, while somebody is there.
    pub(crate) fn report(&mut self, desk: &Desk, now_ns: u64, out: &mut Vec<u8>) {
        while self.session.is_logged_on()
            && let Some(message) = desk.stream(self.account).message(self.told)
        {
            let exec_id = format!("{:09}", self.told);
            self.told += 1;
            if let Ok(report) = Outbound::parse(message) {
                self.report_one(&report, exec_id.as_bytes(), now_ns, out);
            }
        }
    }

    fn report_one(
        &mut self,
        report: &Outbound<'_>,
        exec_id: &[u8],
        now_ns: u64,
        out: &mut Vec<u8>,
    ) {
        let told = |exec_type| Told {
            exec_type,
            exec_id,
            request: None,
            last: None,
            reason: None,
            request_id: b"",
        };
        match report {
            Outbound::Accepted(it) => {
                self.tell_order(it.user_ref_num, told(ExecType::New), now_ns, out);
                if it.order_state == OrderState::DEAD {
                    self.tell_canceled(it.user_ref_num, exec_id, now_ns, out);
                }
            }
            Outbound::Executed(it) => {
                if let Some(order) = self.orders.get_mut(&it.user_ref_num) {
                    order.executed = order.executed.saturating_add(it.quantity);
                    order.value += i128::from(it.price.0) * i128::from(it.quantity);
                    order.status = if order.executed >= order.total {
                        OrdStatus::Filled
                    } else {
                        OrdStatus::PartiallyFilled
                    };
                }
                let trade = Told {
                    last: Some((it.quantity, it.price)),
                    ..told(ExecType::Trade)
                };
                self.tell_order(it.user_ref_num, trade, now_ns, out);
            }
            Outbound::Canceled(it) => {
                let (number, restated) = (it.user_ref_num, told(ExecType::Restated));
                self.taken_off(number, it.quantity, restated, now_ns, out);
            }
            Outbound::Replaced(it) => {
                let terms = (it.quantity, it.price, it.order_state == OrderState::DEAD);
                let numbers = (it.orig_user_ref_num, it.user_ref_num);
                self.replaced(numbers, terms, told(ExecType::Replaced), now_ns, out);
            }
            Outbound::CancelReject(it) => self.cancel_refused(it.user_ref_num, now_ns, out),
            Outbound::Rejected(it) => {
                if let Some((name, orig)) = self.replacing.remove(&it.user_ref_num) {
                    let orig = self.orders.get(&orig).map(|order| order.name);
                    let orig = orig.unwrap_or_default();
                    let refused = (name.as_slice(), orig.as_bytes(), true);
                    return self.tell_cancel_refused(refused, OTHER, now_ns, out);
                }
                if let Some(order) = self.orders.get_mut(&it.user_ref_num) {
                    order.status = OrdStatus::Rejected;
                }
                let rejected = Told {
                    reason: Some(OTHER),
                    ..told(ExecType::Rejected)
                };
                self.tell_order(it.user_ref_num, rejected, now_ns, out);
            }
            _ => {}
        }
    }

    fn cancel_refused(&mut self, number: u32, now_ns: u64, out: &mut Vec<u8>) {
        let orig = self.orders.get(&number).map(|order| order.name);
        if let (Some(name), Some(orig)) = (self.cancelling.take(), orig) {
            let refused = (name.as_slice(), orig.as_bytes(), false);
            self.tell_cancel_refused(refused, OTHER, now_ns, out);
        }
    }

    fn taken_off(
        &mut self,
        number: u32,
        quantity: u32,
        restated: Told<'_>,
        now_ns: u64,
        out: &mut Vec<u8>,
    ) {
        let Some(order) = self.orders.get_mut(&number) else {
            return;
        };
        if quantity >= order.total.saturating_sub(order.executed) {
            return self.tell_canceled(number, restated.exec_id, now_ns, out);
        }
        order.total -= quantity;
        self.tell_order(number, restated, now_ns, out);
    }

    fn tell_canceled(&mut self, number: u32, exec_id: &[u8], now_ns: u64, out: &mut Vec<u8>) {
        let Some(order) = self.orders.get_mut(&number) else {
            return;
        };
        order.status = OrdStatus::Canceled;
        let orig = order.name;
        let name = self.cancelling.take();
        let request = name.as_deref().map(|name| (name, orig.as_bytes()));
        // Beside a report of the same number.
        let exec_id = [exec_id, b"C"].concat();
        let canceled = Told {
            exec_type: ExecType::Canceled,
            exec_id: &exec_id,
            request,
            last: None,
            reason: None,
            request_id: b"",
        };
        self.tell_order(number, canceled, now_ns, out);
    }

    fn replaced(
        &mut self,
        (orig_number, number): (u32, u32),
        (total, price, is_dead): (u32, Price, bool),
        told: Told<'_>,
        now_ns: u64,
        out: &mut Vec<u8>,
    ) {
        let Some(&order) = self.orders.get(&orig_number) else {
            return;
        };
        let name = self.replacing.get(&number).map(|it| it.0.clone());
        let name = name.unwrap_or_default();
        let replaced = Shadow {
            name: ClOrdId::new(&name).unwrap_or_default(),
            price,
            total,
            ..order
        };
        self.orders.remove(&orig_number);
        self.orders.insert(number, replaced);
        let request = Some((name.as_slice(), order.name.as_bytes()));
        self.tell_order(number, Told { request, ..told }, now_ns, out);
        if is_dead {
            self.tell_canceled(number, told.exec_id, now_ns, out);
        }
    }

    fn tell_order(&mut self, number: u32, told: Told<'_>, now_ns: u64, out: &mut Vec<u8>) {
        let Some(&order) = self.orders.get(&number) else {
            return;
        };
        let id = format!("V{number}");
        self.tell_shadow(&order, id.as_bytes(), told, now_ns, out);
    }

    fn tell_shadow(
        &mut self,
        order: &Shadow,
        order_id: &[u8],
        told: Told<'_>,
        now_ns: u64,
        out: &mut Vec<u8>,
    ) {
        let (name, orig) = told.request.unwrap_or((order.name.as_bytes(), b""));
        let body = execution_report::Body {
            order_id,
            exec_id: told.exec_id,
            exec_type: told.exec_type,
            ord_status: order.status,
            cl_ord_id: name,
            orig_cl_ord_id: orig,
            account: order.account.as_bytes(),
            symbol: order.symbol.as_bytes(),
            side: order.side,
            order_qty: Some(order.total),
            ord_type: Some(order.ord_type),
            price: (order.ord_type == OrdType::Limit).then_some(order.price),
            time_in_force: Some(order.time_in_force),
            last: told.last,
            last_mkt: b"",
            leaves_qty: if order.is_live() {
                order.total.saturating_sub(order.executed)
            } else {
                0
            },
            cum_qty: order.executed,
            avg_px: order.avg_px(),
            transact_time_ns: now_ns,
            exec_ref_id: b"",
            refusal: None,
            text: b"",
            origin: OrderOrigin::default(),
            fee_class: FeeClass::default(),
            voice_record_id: b"",
        };
        let key = order.key;
        self.tell(execution_report::MSG_TYPE, now_ns, out, |writer| {
            body.write(writer);
            writer.bytes(tag::SECONDARY_CL_ORD_ID, key.as_bytes());
            if let Some(reason) = told.reason {
                writer.uint(tag::ORD_REJ_REASON, reason.into());
            }
            writer.bytes(tag::ORD_STATUS_REQ_ID, told.request_id);
        });
    }

    /// A new order that never came to the venue's book.
    pub(crate) fn tell_refused(
        &mut self,
        order: &Shadow,
        reason: u32,
        now_ns: u64,
        out: &mut Vec<u8>,
    ) {
        let rejected = Shadow {
            status: OrdStatus::Rejected,
            ..*order
        };
        let exec_id = format!("R{}", self.session.numbers().next_out);
        let told = Told {
            exec_type: ExecType::Rejected,
            exec_id: exec_id.as_bytes(),
            request: None,
            last: None,
            reason: Some(reason),
            request_id: b"",
        };
        self.tell_shadow(&rejected, b"", told, now_ns, out);
    }

    /// The answer to OrderStatusRequest(35=H).
    pub(crate) fn tell_status(
        &mut self,
        number: Option<u32>,
        (name, request_id): (&[u8], &[u8]),
        message: &Message<'_>,
        now_ns: u64,
        out: &mut Vec<u8>,
    ) {
        let exec_id = format!("S{}", self.session.numbers().next_out);
        let told = Told {
            exec_type: ExecType::OrderStatus,
            exec_id: exec_id.as_bytes(),
            request: None,
            last: None,
            reason: None,
            request_id,
        };
        if let Some(number) = number {
            return self.tell_order(number, told, now_ns, out);
        }
        let field = |tag| message.field(tag).unwrap_or(b"").to_vec();
        let (symbol, side) = (field(tag::SYMBOL), field(tag::SIDE));
        self.tell(execution_report::MSG_TYPE, now_ns, out, |writer| {
            writer
                .bytes(tag::ORDER_ID, b"NONE")
                .bytes(tag::CL_ORD_ID, name)
                .bytes(tag::EXEC_ID, b"0")
                .char(tag::EXEC_TYPE, ExecType::OrderStatus.to_fix())
                .char(tag::ORD_STATUS, OrdStatus::Rejected.to_fix())
                .uint(tag::ORD_REJ_REASON, UNKNOWN_ORDER.into())
                .bytes(tag::SYMBOL, &symbol)
                .bytes(tag::SIDE, &side)
                .uint(tag::LEAVES_QTY, 0)
                .uint(tag::CUM_QTY, 0)
                .uint(tag::AVG_PX, 0)
                .bytes(tag::ORD_STATUS_REQ_ID, request_id);
        });
    }

    /// OrderCancelReject(9) to a request by its name and the order's, a replace's or a cancel's.
    pub(crate) fn tell_cancel_refused(
        &mut self,
        (name, orig, is_replace): (&[u8], &[u8], bool),
        reason: u32,
        now_ns: u64,
        out: &mut Vec<u8>,
    ) {
        let known = self.named(orig);
        let id = known.map_or("NONE".to_owned(), |(number, _)| format!("V{number}"));
        let status = known.map_or(OrdStatus::Rejected, |(_, order)| order.status);
        self.tell(order_cancel_reject::MSG_TYPE, now_ns, out, |writer| {
            writer
                .bytes(tag::ORDER_ID, id.as_bytes())
                .bytes(tag::CL_ORD_ID, name)
                .bytes(tag::ORIG_CL_ORD_ID, orig)
                .char(tag::ORD_STATUS, status.to_fix())
                .char(
                    tag::CXL_REJ_RESPONSE_TO,
                    if is_replace { b'2' } else { b'1' },
                )
                .uint(tag::CXL_REJ_REASON, reason.into());
        });
    }
}
