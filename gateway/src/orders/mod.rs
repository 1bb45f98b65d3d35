//! Stop 9: every order of the day in a fixed table, found by the member's ClOrdID(11) or by the
//! venue's UserRefNum.
//!
//! `order` is one order, `order_image` what restart has of it, `table` the slots, `cl_ord_ids` the
//! members' names for them and `user_ref_index` the venues' numbers. Orders stay for the whole
//! trading day, because a ClOrdID(11) is used up by being used once, accepted or not.

mod cl_ord_ids;
mod order;
mod order_image;
mod table;
mod user_ref_index;

pub(crate) use order::{Order, OrderState, Owner, PendingReplace, UNKNOWN, farther};
pub(crate) use order_image::ORDER_IMAGE_BYTES;
pub use table::TableFull;
pub(crate) use table::{OrderTable, SlotIndex};
