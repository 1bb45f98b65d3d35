//! What each request does: one file per OUCH message.
//!
//! In it: `enter`, `replace`, `cancel`, `query`; `work`, which trades and rests an order for the
//! first two; `terms`, which says why an order is refused; and `damaged` for messages that are not
//! whole. Not in it: the order in which things happen around a message (see [`crate::venue`]).
//!
//! The rules that OUCH leaves to a venue, as this one has them:
//! 1. A UserRefNum is spent by the first Enter or Replace that carries it, whatever comes of it,
//!    also when the order to be replaced is not live.
//! 2. A Replace that is refused leaves the old order as it was.
//! 3. A Replace to a total at or below what is executed cancels the rest, reported under the old
//!    number.
//! 4. A Replace keeps its place in the queue when the price is the same and no quantity is added;
//!    otherwise it goes behind all others at its price. A Cancel to a smaller total keeps it too.
//! 5. OrderReplaced tells the new total, what is executed included, as the request did.
//! 6. Cancels, and replaces that amount to one by rule 3, work in every phase and through a halt;
//!    new orders and other replaces do not, nor cancels in a circuit breaker's third stage.
//! 7. A market order never rests in continuous trading; in an auction it counts at the day's limit.
//!    IOC orders are refused in auctions.
//! 8. Orders of one account may trade with each other.

mod cancel;
mod damaged;
mod enter;
mod query;
mod replace;
mod terms;
pub(crate) mod work;
