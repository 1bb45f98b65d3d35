//! OUCH 5.0 in our profile: one module per message.
//!
//! In it: every request ([`Inbound`]) and report ([`Outbound`]) as a struct that is read from and
//! written to exactly its bytes, the [`appendage`] that may follow, and the [`codes`]. The tables
//! and the profile are in `SCHEMA.md` beside this crate's manifest. Not in it: packets and sequence
//! numbers (see [`crate::soup`]), and what a message does to an order (see `gwanmun-gateway`).

pub mod accepted;
pub mod account_query;
pub mod account_query_response;
pub mod aiq_canceled;
pub mod appendage;
pub mod broken_trade;
pub mod cancel_order;
pub mod cancel_pending;
pub mod cancel_reject;
pub mod canceled;
pub mod codes;
pub mod disable_order_entry;
pub mod disable_response;
pub mod enable_order_entry;
pub mod enable_response;
pub mod enter_order;
mod error;
pub mod executed;
mod inbound;
pub mod mass_cancel;
pub mod mass_cancel_response;
pub mod modified;
pub mod modify_order;
mod outbound;
pub mod priority_update;
pub mod rejected;
pub mod replace_order;
pub mod replaced;
pub mod restated;
pub mod system_event;

pub use accepted::Accepted;
pub use account_query::AccountQuery;
pub use account_query_response::AccountQueryResponse;
pub use aiq_canceled::AiqCanceled;
pub use broken_trade::BrokenTrade;
pub use cancel_order::CancelOrder;
pub use cancel_pending::CancelPending;
pub use cancel_reject::CancelReject;
pub use canceled::Canceled;
pub use disable_order_entry::DisableOrderEntry;
pub use disable_response::DisableResponse;
pub use enable_order_entry::EnableOrderEntry;
pub use enable_response::EnableResponse;
pub use enter_order::EnterOrder;
pub use error::OuchError;
pub use executed::Executed;
pub use inbound::Inbound;
pub use mass_cancel::MassCancel;
pub use mass_cancel_response::MassCancelResponse;
pub use modified::Modified;
pub use modify_order::ModifyOrder;
pub use outbound::Outbound;
pub use priority_update::PriorityUpdate;
pub use rejected::Rejected;
pub use replace_order::ReplaceOrder;
pub use replaced::Replaced;
pub use restated::Restated;
pub use system_event::SystemEvent;

use gwanmun_market::{Price, Text};

/// Price of an order without a limit.
///
/// The value that the American text sets aside, 200,000.0000, is an ordinary price in won.
pub const MARKET_PRICE: Price = Price(i64::MAX);

/// Firm: a member firm's code at the venue.
pub type Firm = Text<4>;
