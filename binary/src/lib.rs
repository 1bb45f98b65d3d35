//! The venue's wires: OUCH 5.0 under SoupBinTCP 3.0, and the market-state feed.
//!
//! In it: [`soup`] (packets, and the client and server ends of a line as sans-IO state machines),
//! [`ouch`] (one module per message) and [`feed`] (the venue's word on one instrument). The layouts
//! stand as tables in `SCHEMA.md` beside this crate's manifest, with the profile in which the
//! simulated Korean venues differ from the American text; the code asserts their sizes. Not in it:
//! sockets, clocks, threads, files, and any opinion on what an order means (see `gwanmun-gateway`).
//! Next: [`soup::packet`] for the bytes of a line, [`ouch::Inbound`] and [`ouch::Outbound`] for
//! what travels in them.
//!
//! An order on its way to the venue, written in place behind its packet's head:
//!
//! ```
//! use gwanmun_binary::ouch::appendage::Appendage;
//! use gwanmun_binary::ouch::{CancelOrder, Inbound};
//! use gwanmun_binary::soup::packet::{self, Packet};
//!
//! let cancel = CancelOrder { user_ref_num: 7, quantity: 0, appendage: Appendage::EMPTY };
//! let mut buffer = [0; 64];
//! let length = packet::unsequenced(&mut buffer, |room| cancel.encode(room)).unwrap();
//! assert_eq!(length, packet::HEAD_BYTES + CancelOrder::LENGTH);
//!
//! let (packet, taken) = Packet::parse(&buffer).unwrap().unwrap();
//! assert_eq!(taken, length);
//! let Packet::UnsequencedData(message) = packet else { unreachable!() };
//! assert_eq!(Inbound::parse(message), Ok(Inbound::CancelOrder(cancel)));
//! ```
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]

pub mod feed;
pub mod ouch;
pub mod soup;
mod wire;
