//! What the member says: its messages, and the list of orders that it sent.

use super::{Day, MIDNIGHT_NS, SYMBOL};

/// An order as the member sent it: the list that filters run over.
#[derive(Clone, Debug)]
pub struct Sent {
    pub cl_ord_id: String,
    pub account: String,
    /// `1` buy, `2` sell.
    pub side: char,
    pub order_qty: u32,
    pub price: i32,
}

impl Day {
    /// The next message of the member, whole.
    pub fn message(&mut self, msg_type: &str, body: &str) -> Vec<u8> {
        let msg_seq_num = self.msg_seq_num;
        self.msg_seq_num += 1;
        self.message_with(msg_seq_num, msg_type, body)
    }

    /// A message of the member with this number.
    pub fn message_with(&self, msg_seq_num: u64, msg_type: &str, body: &str) -> Vec<u8> {
        let ms = (self.now_ns - MIDNIGHT_NS) / 1_000_000;
        let (minutes, ms) = (ms / 60_000, ms % 60_000);
        let time = format!(
            "20261123-00:{minutes:02}:{:02}.{:03}",
            ms / 1_000,
            ms % 1_000
        );
        let body = format!("35={msg_type}|34={msg_seq_num}|49=MEMBER1|56=GWANMUN|52={time}|{body}");
        let body = body.replace('|', "\x01");
        let mut whole = format!("8=FIX.4.4\x019={}\x01{body}", body.len()).into_bytes();
        let sum = whole.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        whole.extend(format!("10={sum:03}\x01").bytes());
        whole
    }

    /// NewOrderSingle(35=D), sent and recorded in the list of orders.
    pub fn order(&mut self, sent: Sent) {
        let body = order_body(&sent);
        let message = self.message("D", &body);
        self.sent.push(sent);
        self.receive(self.member, &message);
    }
}

/// An order of account ACC-1.
pub fn sent(cl_ord_id: &str, side: char, order_qty: u32, price: i32) -> Sent {
    Sent {
        cl_ord_id: cl_ord_id.to_owned(),
        account: "ACC-1".to_owned(),
        side,
        order_qty,
        price,
    }
}

pub fn order_body(sent: &Sent) -> String {
    let Sent {
        cl_ord_id,
        account,
        side,
        order_qty,
        price,
    } = sent;
    format!(
        "11={cl_ord_id}|1={account}|55={SYMBOL}|54={side}|38={order_qty}|40=2|44={price}|59=0|\
         60=20261123-00:00:00|"
    )
}
