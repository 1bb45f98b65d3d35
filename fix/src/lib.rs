//! FIX tag=value: from bytes to typed messages and back, and the session state machine.
//!
//! In it: finding whole messages in a stream ([`frame`]), the vector scan that indexes every field
//! ([`scan`]), the indexed [`message`], the data types of [`values`], typed views and bodies of
//! each message ([`messages`]), the [`encode`] writer and its templates, UTCTimestamp text
//! ([`time`]), and the session state machine. Not in it: sockets, clocks, threads and files; a
//! caller lends bytes, buffers and the time. Not in it either: what an order means to the gateway,
//! which is `gwanmun-gateway`'s.
//!
//! [`groups`] walks repeating groups. With the feature `dictionary`, `dictionary` reads FIX
//! dictionaries and `validate` holds messages against them.
//!
//! A reader starts with [`frame::frame`], then [`message::Message`], then [`messages`]. All of it
//! in one go, without a session: bytes come in, an order is read, an answer goes out.
//!
//! ```
//! use gwanmun_fix::encode::Header;
//! use gwanmun_fix::frame::{Frame, frame};
//! use gwanmun_fix::{FieldError, Index, Message, MessageWriter, tag};
//!
//! # let order = |seq: u64, price: &[u8]| {
//! #     let mut bytes = [0; 256];
//! #     let mut writer = MessageWriter::start(&mut bytes, b"FIX.4.4");
//! #     writer.bytes(tag::MSG_TYPE, b"D").bytes(tag::SENDER_COMP_ID, b"MEMBER");
//! #     writer.bytes(tag::TARGET_COMP_ID, b"GATE").uint(tag::MSG_SEQ_NUM, seq);
//! #     writer.timestamp(tag::SENDING_TIME, 1_795_392_753_000_000_000);
//! #     writer.bytes(tag::CL_ORD_ID, b"C-1").bytes(tag::SYMBOL, b"005930").char(tag::SIDE, b'1');
//! #     writer.uint(tag::ORDER_QTY, 10).bytes(tag::PRICE, price);
//! #     let length = writer.finish().unwrap();
//! #     bytes[..length].to_vec()
//! # };
//! // What a socket gave: a whole message, one with a price that is none, and the start of a third.
//! let received = [order(7, b"71500.5"), order(8, b"NaN"), b"8=FIX.4.4\x019=1".to_vec()].concat();
//!
//! // Kept for the connection: reading and writing allocate nothing.
//! let mut index = Index::new();
//! let mut room = [0; 256];
//! let mut answers = Vec::new();
//!
//! let mut rest = &received[..];
//! loop {
//!     match frame(rest, 4_096) {
//!         Frame::Whole { length } => {
//!             let (bytes, behind) = rest.split_at(length);
//!             rest = behind;
//!             let message = Message::parse(bytes, &mut index).expect("sound fields");
//!             let answer = answer(&message, &mut room).expect("256 bytes are enough");
//!             answers.push(room[..answer].escape_ascii().to_string().replace("\\x01", "|"));
//!         }
//!         Frame::Garbled { skip, .. } => rest = &rest[skip..],
//!         // Wait for more, or close the line.
//!         Frame::Partial | Frame::Unframeable(_) => break,
//!     }
//! }
//! assert_eq!(rest, b"8=FIX.4.4\x019=1");
//! assert_eq!(answers, [
//!     "8=FIX.4.4|9=83|35=8|34=7|49=GATE|52=20261123-00:12:33.000000001|56=MEMBER|\
//!      11=C-1|38=10|44=71500.5|10=026|",
//!     "8=FIX.4.4|9=90|35=3|34=8|49=GATE|52=20261123-00:12:33.000000001|56=MEMBER|\
//!      45=8|371=44|373=6|58=at byte 0|10=152|",
//! ]);
//!
//! /// The fields of interest as numbers, or which of them is wrong, why, and where.
//! fn order_of<'a>(message: &Message<'a>) -> Result<(&'a [u8], u32, i64), FieldError> {
//!     let cl_ord_id = message.required(tag::CL_ORD_ID)?;
//!     let order_qty = message.quantity(tag::ORDER_QTY)?;
//!     // Ten-thousandths, exactly; there is no floating point.
//!     let price = message.scaled(tag::PRICE, 4)?;
//!     Ok((cl_ord_id, order_qty, price))
//! }
//!
//! fn answer(message: &Message<'_>, room: &mut [u8]) -> Option<usize> {
//!     let order = order_of(message);
//!     let mut writer = MessageWriter::start(room, b"FIX.4.4");
//!     let header = Header {
//!         msg_type: if order.is_ok() { b"8" } else { b"3" },
//!         sender_comp_id: message.target_comp_id()?,
//!         target_comp_id: message.sender_comp_id()?,
//!         msg_seq_num: message.msg_seq_num().ok()?,
//!         sending_time_ns: message.sending_time_ns().ok()? + 1,
//!         orig_sending_time_ns: None,
//!         last_msg_seq_num_processed: None,
//!     };
//!     header.write(&mut writer);
//!     match order {
//!         Ok((cl_ord_id, order_qty, price)) => {
//!             writer.bytes(tag::CL_ORD_ID, cl_ord_id).uint(tag::ORDER_QTY, order_qty.into());
//!             writer.price(tag::PRICE, gwanmun_market::Price(price));
//!         }
//!         Err(error) => {
//!             writer.uint(tag::REF_SEQ_NUM, header.msg_seq_num);
//!             writer.uint(tag::REF_TAG_ID, error.tag.into());
//!             writer.uint(tag::SESSION_REJECT_REASON, error.reason.number().into());
//!             writer.bytes(tag::TEXT, format!("at byte {}", error.at).as_bytes());
//!         }
//!     }
//!     writer.finish()
//! }
//! ```
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
pub mod shapes;
pub mod sink;
pub mod tag;
pub mod time;
#[cfg(feature = "dictionary")]
pub mod validate;
pub mod values;
pub mod version;

mod digits;

#[cfg(test)]
mod testing;

pub use encode::{MessageWriter, Template, TemplateBuilder};
pub use error::{FieldError, IndexError, MeaningError, SessionRejectReason};
pub use frame::{Frame, Garble};
pub use index::{FIELDS_MAX, Index, MESSAGE_BYTES_MAX};
pub use message::Message;
pub use shapes::Shapes;
pub use sink::{Sent, Sink};
pub use version::{Dialect, Version};

/// SOH, the byte that ends every field.
pub const SOH: u8 = 0x01;
