//! FIX tag=value: from bytes to typed messages and back, and the session state machine.
//!
//! In it: finding whole messages in a stream ([`frame`]), the vector scan that indexes every field
//! ([`scan`]), the indexed [`message`], typed views and bodies of each message ([`messages`]), the
//! [`encode`] writer, UTCTimestamp text ([`time`]), and the session state machine. Not in it:
//! sockets, clocks, threads and files; a caller lends bytes, buffers and the time. Not in it
//! either: what an order means to the gateway, which is `gwanmun-gateway`'s.
//!
//! [`groups`] walks repeating groups. With the feature `dictionary`, `dictionary` reads FIX
//! dictionaries and `validate` holds messages against them.
//!
//! A reader starts with [`frame::frame`], then [`message::Message`], then [`messages`].
#![deny(unsafe_code)]
#![deny(clippy::indexing_slicing)]

#[cfg(feature = "dictionary")]
pub mod dictionary;
pub mod encode;
pub mod error;
pub mod frame;
pub mod groups;
pub mod index;
pub mod message;
pub mod messages;
pub mod scan;
pub mod session;
pub mod sink;
pub mod tag;
pub mod time;
#[cfg(feature = "dictionary")]
pub mod validate;

mod digits;

#[cfg(test)]
mod testing;

pub use encode::MessageWriter;
pub use error::{FieldError, IndexError, MeaningError, SessionRejectReason};
pub use frame::{Frame, Garble};
pub use index::{FIELDS_MAX, Index};
pub use message::Message;
pub use sink::{Sent, Sink};

/// SOH, the byte that ends every field.
pub const SOH: u8 = 0x01;
