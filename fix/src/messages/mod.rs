//! Typed messages, one file each: a borrowed view that reads a field when it is asked for, and a
//! body that is written.
//!
//! A view is made from any [`Message`](crate::Message) without a look at its fields; each getter
//! names the field that is missing or wrong. A body writes the fields behind the standard header;
//! the header is the session's. Not here: which message answers which; see [`crate::session`] and
//! `gwanmun-gateway`.

pub mod business_message_reject;
pub mod execution_report;
pub mod heartbeat;
pub mod logon;
pub mod logout;
pub mod market_data_incremental_refresh;
pub mod market_data_snapshot_full_refresh;
pub mod md_entry;
pub mod new_order_single;
pub mod order_cancel_reject;
pub mod order_cancel_replace_request;
pub mod order_cancel_request;
pub mod order_status_request;
pub mod reject;
pub mod resend_request;
pub mod sequence_reset;
pub mod test_request;

mod exec_type;
mod ord_status;
mod order_fields;

#[cfg(test)]
mod tests;

pub use order_fields::{ord_type, side, time_in_force};

/// Declares a view of one message type over its fields.
macro_rules! view {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a> {
            message: $crate::Message<'a>,
        }

        impl<'a> $name<'a> {
            /// The view of a message; MsgType(35) is the caller's to look at.
            #[must_use]
            pub const fn new(message: $crate::Message<'a>) -> $name<'a> {
                $name { message }
            }

            /// The message behind the view.
            #[must_use]
            pub const fn message(&self) -> &$crate::Message<'a> {
                &self.message
            }
        }
    };
}
use view;
