//! The venues' ledgers: orders and replaces as they came, executions and cancels as they went out.

use std::collections::{BTreeMap, BTreeSet};

use super::csv::{LedgerError, Rows};
use super::{FindingKind, Joined, Order};

const COLUMNS: [&str; 10] = [
    "direction",
    "user",
    "ouch_type",
    "user_ref_num",
    "side",
    "quantity",
    "symbol",
    "price",
    "cl_ord_id",
    "match_number",
];

/// What the venues got and did, by OUCH ClOrdID: an order is at one of them.
#[derive(Debug, Default)]
pub(super) struct Venue {
    /// EnterOrder, the first of each ClOrdID.
    pub(super) orders: BTreeMap<String, Order>,
    /// ReplaceOrder: new total quantity and price, in the order of arrival.
    pub(super) replaces: BTreeMap<String, Vec<(u64, String)>>,
    /// Order, quantity and price of each execution.
    pub(super) fills: Vec<(String, u64, String)>,
    /// Orders of which the venue took something off without trading it.
    pub(super) canceled: BTreeSet<String>,
}

impl Venue {
    /// Takes one more venue's ledger. Numbers are each venue's own; an OrderID that an earlier
    /// ledger has came twice.
    pub(super) fn read(&mut self, text: &str, joined: &mut Joined) -> Result<(), LedgerError> {
        let mut rows = Rows::new(text, COLUMNS)?;
        let venue = self;
        let mut numbers = BTreeSet::new();
        while let Some(row) = rows.next_row()? {
            let [
                direction,
                user,
                ouch_type,
                user_ref_num,
                side,
                quantity,
                symbol,
                price,
                order_id,
                match_number,
            ] = row;
            match (direction.as_str(), ouch_type.as_str()) {
                ("in", "O") => {
                    joined.venue_orders += 1;
                    let quantity = rows.number(&quantity, "quantity")?;
                    let order = Order {
                        side,
                        symbol,
                        quantity,
                        price,
                    };
                    if numbers.insert((user, user_ref_num)) && !venue.orders.contains_key(&order_id)
                    {
                        venue.orders.insert(order_id, order);
                    } else {
                        joined.find(FindingKind::OrderTwice, &order_id, order.text());
                    }
                }
                ("in", "U") => {
                    joined.venue_orders += 1;
                    let quantity = rows.number(&quantity, "quantity")?;
                    if !numbers.insert((user, user_ref_num)) {
                        let detail = format!("replace to {quantity} @ {price}");
                        joined.find(FindingKind::OrderTwice, &order_id, detail);
                    }
                    venue
                        .replaces
                        .entry(order_id)
                        .or_default()
                        .push((quantity, price));
                }
                ("out", "E") => {
                    joined.venue_fills += 1;
                    rows.number(&match_number, "match_number")?;
                    venue
                        .fills
                        .push((order_id, rows.number(&quantity, "quantity")?, price));
                }
                ("out", "C" | "D") => {
                    venue.canceled.insert(order_id);
                }
                _ => {}
            }
        }
        Ok(())
    }
}
