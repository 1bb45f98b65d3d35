//! `approve order=ORDER-ID requester=WHO reason=WHY`: a held order may leave. Whether it does, the
//! checks say once more.

use gwanmun_captures::command::{Action, ORDER_ID_BYTES_MAX};

use super::super::request::Words;
use super::super::thread::DeskThread;
use super::give;

/// Asks the gateway.
///
/// # Errors
/// Why it was not asked.
pub(super) fn answer(
    desk: &mut DeskThread,
    operator: &str,
    words: &mut Words<'_>,
) -> Result<String, String> {
    let order_id = words.required("order")?;
    if !(1..=ORDER_ID_BYTES_MAX).contains(&order_id.len()) {
        return Err(format!("`order` has 1 to {ORDER_ID_BYTES_MAX} bytes"));
    }
    let why = words.why()?;
    words.nothing_else()?;
    let order_id = order_id.as_bytes();
    give(desk, operator, &why, Action::Approve { order_id })
}
