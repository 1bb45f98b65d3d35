//! What requests say in FIX, and the names of the codes with which they are refused.

use std::fmt::Write;

use gwanmun_market::{GateCode, OrdType, OrderOrigin};

use super::initiator::Received;
use super::new_orders::NewStep;

/// Adds what NewOrderSingle(35=D) says behind ClOrdID(11).
pub(crate) fn push_new(body: &mut String, new: &NewStep, time: &str) {
    let _ = write!(
        body,
        "1={}\u{1}21=1\u{1}55={}\u{1}54={}\u{1}38={}\u{1}40={}\u{1}",
        new.account,
        new.symbol,
        char::from(new.side.to_fix()),
        new.order_qty,
        char::from(new.ord_type.to_fix()),
    );
    if new.ord_type == OrdType::Limit {
        let _ = write!(body, "44={}\u{1}", new.price);
    }
    let _ = write!(
        body,
        "59={}\u{1}60={time}\u{1}20102={}\u{1}",
        char::from(new.time_in_force.to_fix()),
        char::from(new.fee_class.to_fix()),
    );
    // Online is the default, and most members never send the tag.
    if new.origin != OrderOrigin::Online {
        let _ = write!(body, "20101={}\u{1}", char::from(new.origin.to_fix()));
    }
    if let Some(record) = new.voice_record {
        let _ = write!(body, "20103=VR-{record:06}\u{1}");
    }
}

/// The name of a message's GateCode(20110); what a stranger's code would be called otherwise.
pub(crate) fn code_name(message: Received<'_>) -> String {
    let text = message.field(20110);
    match text.parse().ok().and_then(GateCode::from_number) {
        Some(code) => code.name().to_owned(),
        None if text.is_empty() => "WITHOUT_CODE".to_owned(),
        None => format!("CODE_{}", crate::show::escaped(text)),
    }
}
