//! What members say: orders, and what becomes of them by a cancel or a replace.

use gwanmun_fix::encode::MessageWriter;
use gwanmun_fix::tag;

use super::World;
use crate::terms::{self, SAMSUNG};

/// A NewOrderSingle(35=D) to send, or an order as a replace wants it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) cl_ord_id: &'a str,
    pub(crate) account: &'a str,
    pub(crate) symbol: &'a str,
    pub(crate) side: u8,
    pub(crate) quantity: u32,
    pub(crate) price: i32,
    pub(crate) ord_type: u8,
    pub(crate) time_in_force: u8,
    /// ExDestination(100); empty for none.
    pub(crate) venue: &'a str,
}

pub(crate) const BUY: u8 = b'1';
pub(crate) const SELL: u8 = b'2';

/// A limit order that every check lets pass.
pub(crate) fn ask(cl_ord_id: &str, side: u8, quantity: u32) -> Ask<'_> {
    Ask {
        cl_ord_id,
        account: terms::ACCOUNT,
        symbol: SAMSUNG,
        side,
        quantity,
        price: terms::LAST,
        ord_type: b'2',
        time_in_force: b'0',
        venue: "",
    }
}

impl Ask<'_> {
    pub(crate) fn write(&self, writer: &mut MessageWriter<'_>, now_ns: u64) {
        writer
            .bytes(tag::CL_ORD_ID, self.cl_ord_id.as_bytes())
            .bytes(tag::ACCOUNT, self.account.as_bytes())
            .bytes(tag::SYMBOL, self.symbol.as_bytes())
            .char(tag::SIDE, self.side)
            .timestamp(tag::TRANSACT_TIME, now_ns)
            .uint(tag::ORDER_QTY, self.quantity.into())
            .char(tag::ORD_TYPE, self.ord_type);
        if self.ord_type == b'2' {
            writer.price(tag::PRICE, terms::won(self.price));
        }
        writer
            .char(tag::TIME_IN_FORCE, self.time_in_force)
            .bytes(tag::EX_DESTINATION, self.venue.as_bytes());
    }
}

impl World {
    pub(crate) fn say(
        &mut self,
        member: usize,
        msg_type: &str,
        body: impl FnOnce(&mut MessageWriter<'_>),
    ) {
        let bytes = self.members[member].message(msg_type, self.now_ns, body);
        if let Some(line) = self.member_lines[member] {
            self.receive(line, &bytes);
        }
        self.run();
    }

    pub(crate) fn order(&mut self, member: usize, order: &Ask<'_>) {
        let now_ns = self.now_ns;
        self.say(member, "D", |writer| order.write(writer, now_ns));
    }

    pub(crate) fn cancel(&mut self, member: usize, cl_ord_id: &str, orig: &str, order: &Ask<'_>) {
        let now_ns = self.now_ns;
        self.say(member, "F", |writer| {
            writer
                .bytes(tag::ORIG_CL_ORD_ID, orig.as_bytes())
                .bytes(tag::CL_ORD_ID, cl_ord_id.as_bytes())
                .bytes(tag::SYMBOL, order.symbol.as_bytes())
                .char(tag::SIDE, order.side)
                .timestamp(tag::TRANSACT_TIME, now_ns);
        });
    }

    /// `order` as it shall be; `orig` is its name so far.
    pub(crate) fn replace(&mut self, member: usize, orig: &str, order: &Ask<'_>) {
        let now_ns = self.now_ns;
        self.say(member, "G", |writer| {
            writer.bytes(tag::ORIG_CL_ORD_ID, orig.as_bytes());
            order.write(writer, now_ns);
        });
    }
}
