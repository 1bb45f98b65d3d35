//! What reaches the venue, and what it says to that.

use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::{
    CancelReason, Capacity, CrossType, Display, LiquidityFlag, OrderState, RejectReason,
    TimeInForce,
};
use gwanmun_binary::ouch::{
    Accepted, Canceled, EnterOrder, Executed, Inbound, Outbound, Rejected, ReplaceOrder, Replaced,
};
use gwanmun_binary::soup::packet::{Packet, sequenced};
use gwanmun_market::{OrderId, Price, Symbol};

use super::lines::packet;
use super::{Day, SYMBOL, Sent};

/// A request that reached the venue.
#[derive(Clone, Copy, Debug)]
pub enum Request {
    Enter(u32, u32, OrderId),
    Replace((u32, u32), u32, OrderId),
    Cancel(u32),
}

impl Day {
    /// Bytes that went to the venue since this was last asked, as requests.
    pub fn requests(&mut self) -> Vec<Request> {
        let outputs = core::mem::take(&mut self.edge.outputs);
        let requests = outputs.iter().filter_map(|(_, bytes)| {
            let Ok(Some((Packet::UnsequencedData(message), _))) = Packet::parse(bytes) else {
                return None;
            };
            match Inbound::parse(message).unwrap() {
                Inbound::EnterOrder(EnterOrder {
                    user_ref_num,
                    quantity,
                    cl_ord_id,
                    ..
                }) => Some(Request::Enter(user_ref_num, quantity, cl_ord_id)),
                Inbound::ReplaceOrder(ReplaceOrder {
                    orig_user_ref_num,
                    user_ref_num,
                    quantity,
                    cl_ord_id,
                    ..
                }) => Some(Request::Replace(
                    (orig_user_ref_num, user_ref_num),
                    quantity,
                    cl_ord_id,
                )),
                Inbound::CancelOrder(request) => Some(Request::Cancel(request.user_ref_num)),
                _ => None,
            }
        });
        requests.collect()
    }

    /// The same, answered by the venue with Accepted where it is passed; the UserRefNum then.
    pub fn accepted_order(&mut self, sent: Sent) -> Option<u32> {
        self.requests();
        let price = Price::from_whole(sent.price);
        self.order(sent);
        let request = self.requests().pop()?;
        let Request::Enter(user_ref_num, quantity, cl_ord_id) = request else {
            return None;
        };
        self.venue_says(&Outbound::Accepted(Accepted {
            timestamp_ns: 3,
            user_ref_num,
            side: gwanmun_market::Side::Buy,
            quantity,
            symbol: Symbol::new(SYMBOL.as_bytes()).unwrap(),
            price,
            time_in_force: TimeInForce::DAY,
            display: Display::VISIBLE,
            order_reference_number: 1,
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            order_state: OrderState::LIVE,
            cl_ord_id,
            appendage: Appendage::EMPTY,
        }));
        Some(user_ref_num)
    }

    /// The venue executes part of an order.
    pub fn executed(&mut self, user_ref_num: u32, quantity: u32, won: i32) {
        self.venue_says(&Outbound::Executed(Executed {
            timestamp_ns: 4,
            user_ref_num,
            quantity,
            price: Price::from_whole(won),
            liquidity_flag: LiquidityFlag(b'A'),
            match_number: 1,
            appendage: Appendage::EMPTY,
        }));
    }

    pub fn canceled(&mut self, user_ref_num: u32, quantity: u32) {
        self.venue_says(&Outbound::Canceled(Canceled {
            timestamp_ns: 5,
            user_ref_num,
            quantity,
            reason: CancelReason(b'U'),
            appendage: Appendage::EMPTY,
        }));
    }

    pub fn rejected(&mut self, user_ref_num: u32, cl_ord_id: OrderId) {
        self.venue_says(&Outbound::Rejected(Rejected {
            timestamp_ns: 6,
            user_ref_num,
            reason: RejectReason(1),
            cl_ord_id,
            appendage: Appendage::EMPTY,
        }));
    }

    pub fn replaced(&mut self, numbers: (u32, u32), quantity: u32, cl_ord_id: OrderId) {
        self.venue_says(&Outbound::Replaced(Replaced {
            timestamp_ns: 7,
            orig_user_ref_num: numbers.0,
            user_ref_num: numbers.1,
            side: gwanmun_market::Side::Buy,
            quantity,
            symbol: Symbol::new(SYMBOL.as_bytes()).unwrap(),
            price: Price::ZERO,
            time_in_force: TimeInForce::DAY,
            display: Display::VISIBLE,
            order_reference_number: 2,
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            order_state: OrderState::LIVE,
            cl_ord_id,
            appendage: Appendage::EMPTY,
        }));
    }

    pub fn venue_says(&mut self, message: &Outbound<'_>) {
        self.next_sequence_number += 1;
        let bytes = packet(|into| sequenced(into, |into| message.encode(into)));
        self.receive(self.venue, &bytes);
    }
}
