//! Ledgers that know nothing of each other, joined: what the member sent and got, and what each
//! venue got and sent.
//!
//! In it: [`join`], which takes the files' texts and says what is lost, doubled or different. The
//! files are written by the demonstration's driver and by the simulated venue, each from the bytes
//! of its own socket; nothing of the gateway is asked. Orders are joined by OrderID(37) = OUCH
//! ClOrdID, fills by what the venue's execution reports say. Not in it: files, and the journal (see
//! `verify` and `replay`).
//!
//! `lost` = requests without an answer + acknowledged orders and replaces that the venue lacks +
//! fills not reported. `duplicated` = an order twice at the venue + an ExecID(17) twice without
//! PossDupFlag(43) or an order answered twice. Orders that differ in side, symbol, quantity or
//! price, that were refused and are at the venue all the same, and fills that the venue never made,
//! count as `different`.

mod csv;
mod member;
mod venue;

use std::collections::BTreeMap;

use member::{Fate, Member};
use venue::Venue;

pub use csv::LedgerError;

/// How many findings are kept in words; all of them are counted.
pub const FINDINGS_MAX: usize = 1_000;

/// What the two ledgers say together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// NewOrderSingle(35=D) that the member sent, copies sent again not counted.
    pub orders: u64,
    /// OrderCancelRequest(35=F) and OrderCancelReplaceRequest(35=G), counted in the same way.
    pub requests: u64,
    /// Orders acknowledged with ExecType(150)=0.
    pub accepted: u64,
    /// Orders refused, by GateCode(20110); the empty text stands for a refusal without one.
    pub refused: BTreeMap<String, u64>,
    /// Reports that the member got, copies sent again not counted.
    pub reports: u64,
    /// Fills that the member got, copies sent again not counted.
    pub fills: u64,
    /// EnterOrder and ReplaceOrder that the venue got.
    pub venue_orders: u64,
    /// Executions that the venue made of them.
    pub venue_fills: u64,
    /// Pairs of orders that were compared.
    pub compared: u64,
    /// Requests without an answer, acknowledged orders that the venue lacks, fills not reported.
    pub lost: u64,
    /// Orders twice at the venue, fills and other reports twice without PossDupFlag(43).
    pub duplicated: u64,
    /// Orders that are not the same on both sides, and fills that the venue did not make.
    pub different: u64,
    /// What was found, in the order of the ledgers; at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
}

impl Joined {
    /// Whether both ledgers tell the same story, and there was a story.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.lost + self.duplicated + self.different == 0 && self.compared > 0
    }

    fn find(&mut self, kind: FindingKind, order: &str, detail: String) {
        match kind {
            FindingKind::Unanswered
            | FindingKind::MissingAtVenue
            | FindingKind::FillNotReported => {
                self.lost += 1;
            }
            FindingKind::OrderTwice | FindingKind::FillTwice | FindingKind::ReportTwice => {
                self.duplicated += 1;
            }
            FindingKind::Different | FindingKind::FillUnknownToVenue => self.different += 1,
        }
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding {
                kind,
                order: order.to_owned(),
                detail,
            });
        }
    }
}

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub kind: FindingKind,
    /// OrderID(37), or ClOrdID(11) where no OrderID is known; escaped as in the ledgers.
    pub order: String,
    /// The figures of both sides.
    pub detail: String,
}

/// Kinds of [`Finding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// A request without an answer.
    Unanswered,
    /// Acknowledged to the member, but the venue has no such order.
    MissingAtVenue,
    /// The venue executed, and the member was not told.
    FillNotReported,
    /// One order reached the venue twice.
    OrderTwice,
    /// One fill was reported twice without PossDupFlag(43).
    FillTwice,
    /// Another report came twice without PossDupFlag(43), or an order was answered twice.
    ReportTwice,
    /// Side, symbol, quantity or price differ.
    Different,
    /// The member was told of a fill that the venue did not make.
    FillUnknownToVenue,
}

impl FindingKind {
    /// The kind in words; stable, for JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            FindingKind::Unanswered => "unanswered",
            FindingKind::MissingAtVenue => "missing_at_venue",
            FindingKind::FillNotReported => "fill_not_reported",
            FindingKind::OrderTwice => "order_twice",
            FindingKind::FillTwice => "fill_twice",
            FindingKind::ReportTwice => "report_twice",
            FindingKind::Different => "different",
            FindingKind::FillUnknownToVenue => "fill_unknown_to_venue",
        }
    }
}

/// Joins the texts of the driver's ledger and of the ledger of each venue that it sent orders to.
///
/// # Errors
/// [`LedgerError`] when a text is not such a ledger: a join over half a file would say that all is
/// well.
pub fn join(driver: &str, exchanges: &[&str]) -> Result<Joined, LedgerError> {
    let mut joined = Joined::default();
    let member = Member::read(driver, &mut joined)?;
    let mut venue = Venue::default();
    for exchange in exchanges {
        venue.read(exchange, &mut joined)?;
    }
    member.find_unanswered(&mut joined);
    compare_orders(&member, &venue, &mut joined);
    compare_requests(&member, &venue, &mut joined);
    compare_fills(&member, &venue, &mut joined);
    Ok(joined)
}

/// An order as one of the ledgers has it; what both must agree in. Prices as the shortest decimal
/// text, `market` for none.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Order {
    /// As OUCH writes it: `B`, `S`, `T`, `E`.
    side: String,
    symbol: String,
    quantity: u64,
    price: String,
}

impl Order {
    fn text(&self) -> String {
        let Order {
            side,
            symbol,
            quantity,
            price,
        } = self;
        format!("{side} {symbol} {quantity} @ {price}")
    }
}

/// Each new order against the venue's order of that name.
fn compare_orders(member: &Member, venue: &Venue, joined: &mut Joined) {
    for (order_id, (ours, fate)) in &member.orders {
        let Some(theirs) = venue.orders.get(order_id) else {
            if *fate == Fate::Accepted {
                joined.find(FindingKind::MissingAtVenue, order_id, ours.text());
            }
            continue;
        };
        joined.compared += 1;
        if let Fate::Refused(code) = fate {
            let detail = format!(
                "refused to the member with code {code}, venue {}",
                theirs.text()
            );
            joined.find(FindingKind::Different, order_id, detail);
        } else if ours != theirs {
            let detail = format!("member {}, venue {}", ours.text(), theirs.text());
            joined.find(FindingKind::Different, order_id, detail);
        }
    }
    // What the venue has and the member was never told about is the worst kind of difference.
    for (order_id, theirs) in &venue.orders {
        if !member.orders.contains_key(order_id) {
            let detail = format!("the member knows nothing of it, venue {}", theirs.text());
            joined.find(FindingKind::Different, order_id, detail);
        }
    }
}

/// Acknowledged replaces and cancels against what the venue was asked for and did.
fn compare_requests(member: &Member, venue: &Venue, joined: &mut Joined) {
    let mut left = venue.replaces.clone();
    for (order_id, quantity, price) in &member.replaced {
        let at_venue = left.entry(order_id.clone()).or_default();
        let place = at_venue
            .iter()
            .position(|there| *there == (*quantity, price.clone()));
        if let Some(place) = place {
            at_venue.remove(place);
        } else {
            let detail = format!("replace to {quantity} @ {price}");
            joined.find(FindingKind::MissingAtVenue, order_id, detail);
        }
    }
    for (order_id, at_venue) in &venue.replaces {
        let answered = member.replaces_answered.get(order_id).copied().unwrap_or(0);
        if at_venue.len() > answered {
            let detail = format!(
                "{} replaces at the venue, {answered} answered",
                at_venue.len()
            );
            joined.find(FindingKind::OrderTwice, order_id, detail);
        }
    }
    for order_id in member.canceled.difference(&venue.canceled) {
        joined.find(FindingKind::MissingAtVenue, order_id, "cancel".to_owned());
    }
}

/// Fills as a multiset of order, quantity and price on both sides.
fn compare_fills(member: &Member, venue: &Venue, joined: &mut Joined) {
    let mut open: BTreeMap<&(String, u64, String), i64> = BTreeMap::new();
    for fill in &venue.fills {
        *open.entry(fill).or_default() += 1;
    }
    for fill in &member.fills {
        *open.entry(fill).or_default() -= 1;
    }
    for ((order_id, quantity, price), count) in open {
        let kind = if count > 0 {
            FindingKind::FillNotReported
        } else {
            FindingKind::FillUnknownToVenue
        };
        for _ in 0..count.unsigned_abs() {
            joined.find(kind, order_id, format!("{quantity} @ {price}"));
        }
    }
}

#[cfg(test)]
mod tests;
