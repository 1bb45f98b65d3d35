//! The driver's ledger: what the member asked for, and what it was told.

use std::collections::{BTreeMap, BTreeSet};

use gwanmun_market::{Price, Side};

use super::csv::{LedgerError, Rows};
use super::{FindingKind, Joined, Order};

const COLUMNS: [&str; 16] = [
    "direction",
    "msg_seq_num",
    "msg_type",
    "cl_ord_id",
    "order_id",
    "exec_id",
    "exec_type",
    "symbol",
    "side",
    "order_qty",
    "price",
    "last_qty",
    "last_px",
    "poss_dup",
    "gate_code",
    "raw",
];
/// GateCode(20110) of an order that the venue itself refused: that one is there, and rightly so.
const VENUE_REJECTED: &str = "12";

/// One line's cells, by name.
struct Row {
    direction: String,
    msg_seq_num: String,
    msg_type: String,
    cl_ord_id: String,
    order_id: String,
    exec_id: String,
    exec_type: String,
    symbol: String,
    side: String,
    order_qty: String,
    price: String,
    last_qty: String,
    last_px: String,
    is_poss_dup: bool,
    gate_code: String,
    raw: String,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    New,
    Cancel,
    Replace,
}

/// One request and its fate.
#[derive(Clone, Debug)]
struct Request {
    kind: Kind,
    asked: Order,
    is_answered: bool,
}

/// What became of an order in the member's eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Acknowledged.
    Accepted,
    /// Refused by the venue.
    RefusedByVenue,
    /// Refused by the gateway, with this GateCode(20110): the venue must never have seen it.
    Refused(String),
}

/// What the member asked for and was told, by OrderID(37).
#[derive(Debug, Default)]
pub(super) struct Member {
    /// By ClOrdID(11).
    requests: BTreeMap<String, Request>,
    /// ClOrdID(11) by MsgSeqNum(34), for session rejects.
    numbers: BTreeMap<String, String>,
    /// New orders as they were asked for, with their fate.
    pub(super) orders: BTreeMap<String, (Order, Fate)>,
    /// Acknowledged replaces: new total quantity and price.
    pub(super) replaced: Vec<(String, u64, String)>,
    /// Orders with an acknowledged cancel of the member's own.
    pub(super) canceled: BTreeSet<String>,
    /// How many replaces of each order got an answer, whatever it was.
    pub(super) replaces_answered: BTreeMap<String, usize>,
    /// Order, quantity and price of each fill reported.
    pub(super) fills: Vec<(String, u64, String)>,
    exec_ids: BTreeSet<String>,
}

impl Member {
    pub(super) fn read(text: &str, joined: &mut Joined) -> Result<Member, LedgerError> {
        let mut rows = Rows::new(text, COLUMNS)?;
        let mut member = Member::default();
        while let Some(cells) = rows.next_row()? {
            let row = Row::from(cells);
            match (row.direction.as_str(), row.msg_type.as_str()) {
                ("out", "D") => member.on_request(Kind::New, row, &rows, joined),
                ("out", "F") => member.on_request(Kind::Cancel, row, &rows, joined),
                ("out", "G") => member.on_request(Kind::Replace, row, &rows, joined),
                ("in", "8") => member.on_report(&row, &rows, joined)?,
                ("in", "9") => {
                    // A copy that answers nothing new is no report of its own.
                    let is_answer = member.settle(&row.cl_ord_id, &row.order_id);
                    joined.reports += u64::from(is_answer || !row.is_poss_dup);
                }
                ("in", "j") => {
                    let name = raw_field(&row.raw, "379").to_owned();
                    member.settle(&name, "");
                }
                ("in", "3") => {
                    let number = raw_field(&row.raw, "45");
                    if let Some(name) = member.numbers.get(number).cloned() {
                        member.settle(&name, "");
                    }
                }
                _ => {}
            }
        }
        Ok(member)
    }

    /// A request; one sent again because the line broke is the same request.
    fn on_request(&mut self, kind: Kind, row: Row, rows: &Rows<'_, 16>, joined: &mut Joined) {
        if self.requests.contains_key(&row.cl_ord_id) {
            return;
        }
        match kind {
            Kind::New => joined.orders += 1,
            Kind::Cancel | Kind::Replace => joined.requests += 1,
        }
        let asked = row.asked(rows);
        self.numbers.insert(row.msg_seq_num, row.cl_ord_id.clone());
        self.requests.insert(
            row.cl_ord_id,
            Request {
                kind,
                asked,
                is_answered: false,
            },
        );
    }

    fn on_report(
        &mut self,
        row: &Row,
        rows: &Rows<'_, 16>,
        joined: &mut Joined,
    ) -> Result<(), LedgerError> {
        if !self.exec_ids.insert(row.exec_id.clone()) {
            if !row.is_poss_dup {
                let kind = if row.exec_type == "F" {
                    FindingKind::FillTwice
                } else {
                    FindingKind::ReportTwice
                };
                joined.find(kind, &row.order_id, format!("ExecID {}", row.exec_id));
            }
            return Ok(());
        }
        joined.reports += 1;
        match row.exec_type.as_str() {
            "0" => self.on_fate(row, Fate::Accepted, joined),
            "8" => {
                *joined.refused.entry(row.gate_code.clone()).or_default() += 1;
                let fate = if row.gate_code == VENUE_REJECTED {
                    Fate::RefusedByVenue
                } else {
                    Fate::Refused(row.gate_code.clone())
                };
                self.on_fate(row, fate, joined);
            }
            "4" => {
                let request = self.requests.get(&row.cl_ord_id);
                if request.is_some_and(|request| request.kind == Kind::Cancel) {
                    self.canceled.insert(row.order_id.clone());
                }
                self.settle(&row.cl_ord_id, &row.order_id);
            }
            "5" => {
                if let Some(request) = self.requests.get(&row.cl_ord_id) {
                    let Order {
                        quantity, price, ..
                    } = request.asked.clone();
                    self.replaced.push((row.order_id.clone(), quantity, price));
                }
                self.settle(&row.cl_ord_id, &row.order_id);
            }
            "F" => {
                joined.fills += 1;
                let quantity = rows.number(&row.last_qty, "last_qty")?;
                self.fills
                    .push((row.order_id.clone(), quantity, price_text(&row.last_px)));
            }
            _ => {}
        }
        Ok(())
    }

    /// A new order is acknowledged or refused, which may happen once.
    fn on_fate(&mut self, row: &Row, fate: Fate, joined: &mut Joined) {
        let asked = self
            .requests
            .get(&row.cl_ord_id)
            .map(|request| request.asked.clone());
        let Some(asked) = asked else {
            let detail = format!("a report about ClOrdID {}, never sent", row.cl_ord_id);
            joined.find(FindingKind::Different, &row.order_id, detail);
            return;
        };
        if fate == Fate::Accepted {
            joined.accepted += 1;
        }
        if !self.settle(&row.cl_ord_id, &row.order_id) {
            let detail = format!("ClOrdID {} answered again", row.cl_ord_id);
            joined.find(FindingKind::ReportTwice, &row.order_id, detail);
        }
        // A refusal before admission has no OrderID of its own: all of them share one word.
        if fate != Fate::Accepted && self.orders.contains_key(&row.order_id) {
            return;
        }
        self.orders.insert(row.order_id.clone(), (asked, fate));
    }

    /// Notes the answer to a request; false when it had one, or was never sent.
    fn settle(&mut self, cl_ord_id: &str, order_id: &str) -> bool {
        let Some(request) = self.requests.get_mut(cl_ord_id) else {
            return false;
        };
        if request.is_answered {
            return false;
        }
        request.is_answered = true;
        if request.kind == Kind::Replace {
            *self
                .replaces_answered
                .entry(order_id.to_owned())
                .or_default() += 1;
        }
        true
    }

    /// Reports requests that nobody answered.
    pub(super) fn find_unanswered(&self, joined: &mut Joined) {
        for (cl_ord_id, request) in &self.requests {
            if !request.is_answered {
                let detail = format!("{:?} {}", request.kind, request.asked.text());
                joined.find(FindingKind::Unanswered, cl_ord_id, detail);
            }
        }
    }
}

impl Row {
    fn asked(&self, rows: &Rows<'_, 16>) -> Order {
        let side = match self.side.as_bytes() {
            [side] => Side::from_fix(*side),
            _ => None,
        };
        // A request that says nonsense is refused, and compared with nothing: what it says is kept
        // as it is.
        let side = side.map_or(self.side.clone(), |side| {
            char::from(side.to_ouch()).to_string()
        });
        let quantity = rows.number(&self.order_qty, "order_qty").unwrap_or(0);
        let price = if self.price.is_empty() {
            "market".to_owned()
        } else {
            price_text(&self.price)
        };
        Order {
            side,
            symbol: self.symbol.clone(),
            quantity,
            price,
        }
    }
}

impl From<[String; 16]> for Row {
    fn from(cells: [String; 16]) -> Row {
        let [
            direction,
            msg_seq_num,
            msg_type,
            cl_ord_id,
            order_id,
            exec_id,
            exec_type,
            symbol,
            side,
            order_qty,
            price,
            last_qty,
            last_px,
            poss_dup,
            gate_code,
            raw,
        ] = cells;
        Row {
            direction,
            msg_seq_num,
            msg_type,
            cl_ord_id,
            order_id,
            exec_id,
            exec_type,
            symbol,
            side,
            order_qty,
            price,
            last_qty,
            last_px,
            is_poss_dup: poss_dup == "Y",
            gate_code,
            raw,
        }
    }
}

/// The shortest text of a price, so that `71500.0` and `71500` are one.
fn price_text(text: &str) -> String {
    Price::parse(text.as_bytes()).map_or(text.to_owned(), |price| price.to_string())
}

/// A field of a message whose SOH stand as `|`.
fn raw_field<'r>(raw: &'r str, tag: &str) -> &'r str {
    raw.split('|')
        .find_map(|field| field.strip_prefix(tag)?.strip_prefix('='))
        .unwrap_or("")
}
