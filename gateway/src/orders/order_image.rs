//! An order's image in the journal.

use gwanmun_market::{ClOrdId, FeeClass, OrdType, OrderOrigin, Price, Side, TimeInForce};

use super::order::{Order, OrderState, PendingReplace};
use crate::image::{ImageReader, ImageWriter};

/// Longest image of an order in bytes: every text at its full length.
pub(crate) const ORDER_IMAGE_BYTES: usize = 219 + 2 + 8 + 1 + 8 + 16;

/// What stands in an image where no replace is pending.
const NO_REPLACE: PendingReplace = PendingReplace {
    cl_ord_id: ClOrdId::EMPTY,
    user_ref_num: 0,
    order_qty: 0,
    price: Price::ZERO,
};

fn flag(from: &mut ImageReader<'_>) -> Option<bool> {
    match from.u8()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

impl Order {
    /// Writes the image: every field in declaration order, little-endian, texts with a length byte
    /// in front; `market_price` of market orders alone, and what was sent as one byte: 0 nothing, 1
    /// OrderQty(38) at the price, 2 both sums behind it.
    pub(crate) fn write_image(&self, into: &mut ImageWriter<'_>) {
        into.u16(self.session);
        into.u16(self.account);
        into.u16(self.instrument);
        into.u16(self.venue);
        into.u8(self.state as u8);
        into.u8(u8::from(self.pending_cancel.is_some()));
        into.text(&self.pending_cancel.unwrap_or(ClOrdId::EMPTY));
        into.u8(u8::from(self.pending_replace.is_some()));
        let replace = self.pending_replace.unwrap_or(NO_REPLACE);
        into.text(&replace.cl_ord_id);
        into.u32(replace.user_ref_num);
        into.u32(replace.order_qty);
        into.i64(replace.price.0);
        into.text(&self.order_id);
        into.text(&self.cl_ord_id);
        into.u32(self.user_ref_num);
        into.u8(self.side.to_fix());
        into.u8(self.ord_type.to_fix());
        into.u8(self.time_in_force.to_fix());
        into.u8(self.origin.to_fix());
        into.u8(self.fee_class.to_fix());
        into.text(&self.voice_record_id);
        into.i64(self.price.0);
        into.u32(self.order_qty);
        into.u32(self.cum_qty);
        into.i128(self.executed_value);
        into.u32(self.reserved_qty);
        into.u16(self.requests);
        if self.ord_type == OrdType::Market {
            into.i64(self.market_price.0);
        }
        match (self.sent_qty, self.sent_notional) {
            (0, 0) => into.u8(0),
            sent if sent == self.plainly_sent() => into.u8(1),
            (qty, notional) => {
                into.u8(2);
                into.u64(qty);
                into.i128(notional);
            }
        }
    }

    /// Reads an image back; `None` when it is not one.
    pub(crate) fn read_image(from: &mut ImageReader<'_>) -> Option<Order> {
        let (session, account) = (from.u16()?, from.u16()?);
        let (instrument, venue) = (from.u16()?, from.u16()?);
        let state = OrderState::from_byte(from.u8()?)?;
        let has_cancel = flag(from)?;
        let cancel = from.text()?;
        let has_replace = flag(from)?;
        let replace = PendingReplace {
            cl_ord_id: from.text()?,
            user_ref_num: from.u32()?,
            order_qty: from.u32()?,
            price: Price(from.i64()?),
        };
        let mut order = Order {
            session,
            account,
            instrument,
            venue,
            state,
            pending_cancel: has_cancel.then_some(cancel),
            pending_replace: has_replace.then_some(replace),
            order_id: from.text()?,
            cl_ord_id: from.text()?,
            user_ref_num: from.u32()?,
            side: Side::from_fix(from.u8()?)?,
            ord_type: match from.u8()? {
                b'1' => OrdType::Market,
                b'2' => OrdType::Limit,
                _ => return None,
            },
            time_in_force: match from.u8()? {
                b'0' => TimeInForce::Day,
                b'3' => TimeInForce::ImmediateOrCancel,
                b'4' => TimeInForce::FillOrKill,
                _ => return None,
            },
            origin: OrderOrigin::from_fix(from.u8()?)?,
            fee_class: FeeClass::from_fix(from.u8()?)?,
            voice_record_id: from.text()?,
            price: Price(from.i64()?),
            order_qty: from.u32()?,
            cum_qty: from.u32()?,
            executed_value: from.i128()?,
            reserved_qty: from.u32()?,
            requests: from.u16()?,
            market_price: Price::ZERO,
            sent_qty: 0,
            sent_notional: 0,
        };
        if order.ord_type == OrdType::Market {
            order.market_price = Price(from.i64()?);
        }
        (order.sent_qty, order.sent_notional) = match from.u8()? {
            0 => (0, 0),
            1 => order.plainly_sent(),
            2 => (from.u64()?, from.i128()?),
            _ => return None,
        };
        Some(order)
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::tests::longest;
    use super::*;

    #[test]
    fn images_read_back_in_every_state_and_with_every_request() {
        let mut order = longest();
        for state in 0..7 {
            order.state = OrderState::from_byte(state).unwrap();
            for requests in 0..4 {
                let with = Order {
                    pending_cancel: order.pending_cancel.filter(|_| requests & 1 != 0),
                    pending_replace: order.pending_replace.filter(|_| requests & 2 != 0),
                    ..order
                };
                let mut bytes = [0; ORDER_IMAGE_BYTES];
                let mut writer = ImageWriter::new(&mut bytes);
                with.write_image(&mut writer);
                let length = writer.finish().unwrap();
                // A market order has eight bytes more.
                assert!(requests != 3 || length == ORDER_IMAGE_BYTES - 8, "{length}");
                let mut reader = ImageReader::new(&bytes[..length]);
                assert_eq!(Order::read_image(&mut reader), Some(with));
                for cut in 0..length {
                    assert_eq!(
                        Order::read_image(&mut ImageReader::new(&bytes[..cut])),
                        None
                    );
                }
            }
        }
        assert_eq!(OrderState::from_byte(7), None);
    }

    #[test]
    fn what_was_sent_is_written_as_shortly_as_it_can_be() {
        let sent = |change: fn(&mut Order)| {
            let mut order = longest();
            (order.sent_qty, order.sent_notional) = (0, 0);
            change(&mut order);
            let mut bytes = [0; ORDER_IMAGE_BYTES];
            let mut writer = ImageWriter::new(&mut bytes);
            order.write_image(&mut writer);
            let length = writer.finish().unwrap();
            let mut reader = ImageReader::new(&bytes[..length]);
            assert_eq!(Order::read_image(&mut reader), Some(order));
            assert!(reader.is_empty());
            ORDER_IMAGE_BYTES - length
        };
        assert_eq!(sent(|_| ()), 32);
        assert_eq!(sent(|order| order.note_sent(u32::MAX, Price(-1))), 32);
        assert_eq!(sent(|order| order.note_sent(1, Price(-1))), 8);
        assert_eq!(
            sent(|order| {
                order.note_sent(u32::MAX, Price(-1));
                order.price = Price(2);
            }),
            8
        );
        assert_eq!(
            sent(|order| {
                order.ord_type = OrdType::Market;
                order.note_sent(u32::MAX, Price(7));
                order.note_sent(0, Price(-9));
            }),
            0
        );
    }
}
