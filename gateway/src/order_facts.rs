//! What was ordered, read back from an order's image: for whoever looks at a day afterwards.

use gwanmun_market::{ClOrdId, OrdType, OrderId, Price, Side};

use crate::effect_tags::TAG_ORDER;
use crate::image::ImageReader;
use crate::orders::Order;

/// An order as it stands in an image; accounts and instruments by their index in the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderFacts {
    /// OrderID(37).
    pub order_id: OrderId,
    /// ClOrdID(11).
    pub cl_ord_id: ClOrdId,
    /// Account(1), by its index; 65,535 for one that the tables do not have.
    pub account: u16,
    /// Symbol(55), by its index; 65,535 for one that the tables do not have.
    pub instrument: u16,
    /// Side(54).
    pub side: Side,
    /// OrdType(40).
    pub ord_type: OrdType,
    /// Price(44); without meaning for a market order.
    pub price: Price,
    /// OrderQty(38).
    pub order_qty: u32,
}

impl OrderFacts {
    /// Reads a state entry; `None` where it is no order's image.
    #[must_use]
    pub fn read(tag: u8, bytes: &[u8]) -> Option<OrderFacts> {
        let mut image = ImageReader::new(bytes);
        let _slot = image.u32().filter(|_| tag == TAG_ORDER)?;
        let order = Order::read_image(&mut image)?;
        Some(OrderFacts {
            order_id: order.order_id,
            cl_ord_id: order.cl_ord_id,
            account: order.account,
            instrument: order.instrument,
            side: order.side,
            ord_type: order.ord_type,
            price: order.price,
            order_qty: order.order_qty,
        })
    }
}
