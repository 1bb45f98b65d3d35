//! OrderStatusRequest(35=H): how does an order stand?

use gwanmun_market::{Side, Symbol};

use crate::encode::MessageWriter;
use crate::tag;
use crate::version::Version;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"H";

/// The body of an OrderStatusRequest(35=H) to write.
#[derive(Clone, Copy, Debug)]
pub struct Body<'v> {
    /// ClOrdID(11) of the order that is asked about.
    pub cl_ord_id: &'v [u8],
    /// OrdStatusReqID(790), which the answer repeats; FIX 4.2 has none, and none is written there.
    pub ord_status_req_id: &'v [u8],
    /// Symbol(55).
    pub symbol: Symbol,
    /// Side(54).
    pub side: Side,
}

impl Body<'_> {
    /// Writes the fields behind the header.
    pub fn write(&self, writer: &mut MessageWriter<'_>) {
        let version = writer.version();
        writer.bytes(tag::CL_ORD_ID, self.cl_ord_id);
        if version != Version::Fix42 {
            writer.bytes(tag::ORD_STATUS_REQ_ID, self.ord_status_req_id);
        }
        writer
            .bytes(tag::SYMBOL, self.symbol.as_bytes())
            .char(tag::SIDE, self.side.to_fix());
    }
}

super::view! {
    /// OrderStatusRequest(35=H) as it came.
    OrderStatusRequest
}

impl<'a> OrderStatusRequest<'a> {
    /// ClOrdID(11); `None` where it is missing.
    #[must_use]
    pub fn cl_ord_id(&self) -> Option<&'a [u8]> {
        self.message.field(tag::CL_ORD_ID)
    }

    /// OrdStatusReqID(790); empty where there is none.
    #[must_use]
    pub fn ord_status_req_id(&self) -> &'a [u8] {
        self.message.field(tag::ORD_STATUS_REQ_ID).unwrap_or(&[])
    }
}
