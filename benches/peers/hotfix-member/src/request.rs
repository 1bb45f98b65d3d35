//! The requests: NewOrderSingle(D), OrderCancelRequest(F), OrderCancelReplaceRequest(G).

use hotfix::Message;
use hotfix::fix44::{
    ACCOUNT, CL_ORD_ID, HANDL_INST, ORD_TYPE, ORDER_QTY, ORIG_CL_ORD_ID, PRICE, SIDE, SYMBOL,
    TIME_IN_FORCE, TRANSACT_TIME,
};
use hotfix::message::{OutboundMessage, Part, Timestamp};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A new order.
    Order,
    /// The cancel of an order.
    Cancel,
    /// More quantity at the same price.
    Replace,
}

/// One request about the order with this number.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// What.
    pub kind: Kind,
    /// Which order, from 1.
    pub number: u32,
}

impl Request {
    /// A new order. Every tenth is for an account that nobody has, and every eighth crosses.
    pub fn order(number: u32) -> Request {
        Request {
            kind: Kind::Order,
            number,
        }
    }

    /// A cancel.
    pub fn cancel(number: u32) -> Request {
        Request {
            kind: Kind::Cancel,
            number,
        }
    }

    /// A replace.
    pub fn replace(number: u32) -> Request {
        Request {
            kind: Kind::Replace,
            number,
        }
    }

    /// ClOrdID(11).
    pub fn cl_ord_id(&self) -> String {
        let letter = match self.kind {
            Kind::Order => 'D',
            Kind::Cancel => 'F',
            Kind::Replace => 'G',
        };
        format!("{letter}{:06}", self.number)
    }

    fn price(&self) -> u32 {
        // The venue's base price of 005930 is 71500, its tick 100.
        if self.number.is_multiple_of(8) {
            72_000
        } else {
            71_000 - self.number % 5 * 100
        }
    }
}

impl OutboundMessage for Request {
    fn write(&self, message: &mut Message) {
        let account = if self.number.is_multiple_of(10) {
            "ACC-7"
        } else {
            "ACC-1"
        };
        let quantity = 10 + u32::from(self.kind == Kind::Replace);
        message.set(CL_ORD_ID, self.cl_ord_id().as_str());
        message.set(ACCOUNT, account);
        message.set(SYMBOL, "005930");
        message.set(SIDE, "1");
        message.set(ORDER_QTY, quantity.to_string().as_str());
        message.set(TRANSACT_TIME, Timestamp::utc_now());
        if self.kind != Kind::Order {
            let order = Request::order(self.number).cl_ord_id();
            message.set(ORIG_CL_ORD_ID, order.as_str());
        }
        if self.kind != Kind::Cancel {
            message.set(HANDL_INST, "1");
            message.set(ORD_TYPE, "2");
            message.set(PRICE, self.price().to_string().as_str());
            message.set(TIME_IN_FORCE, "0");
        }
    }

    fn message_type(&self) -> &str {
        match self.kind {
            Kind::Order => "D",
            Kind::Cancel => "F",
            Kind::Replace => "G",
        }
    }
}
