//! Which request got which answer, and that each got exactly one that settles it.

use std::collections::{BTreeMap, BTreeSet};

use crate::member::Answer;
use crate::request::{Kind, Request};

/// How a request was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Settled {
    Not,
    Done,
    Refused,
}

/// All requests and answers of the run.
#[derive(Debug, Default)]
pub struct Ledger {
    requests: BTreeMap<String, (Kind, Settled)>,
    exec_ids: BTreeSet<String>,
    fills: u32,
}

impl Ledger {
    /// A request goes out.
    pub fn sent(&mut self, request: &Request) {
        self.requests
            .insert(request.cl_ord_id(), (request.kind, Settled::Not));
    }

    /// An answer came.
    ///
    /// # Errors
    /// When it is about nothing that was sent, or settles a request again.
    pub fn answered(&mut self, answer: &Answer) -> Result<(), String> {
        let is_report = answer.msg_type == "8";
        if is_report && !self.exec_ids.insert(answer.exec_id.clone()) {
            return Err(format!("ExecID {} came twice", answer.exec_id));
        }
        let Some((kind, settled)) = self.requests.get_mut(&answer.cl_ord_id) else {
            return Err(format!("an answer about nothing that was sent: {answer:?}"));
        };
        let now = match (answer.msg_type.as_str(), answer.exec_type.as_str(), *kind) {
            ("8", "F", _) => {
                self.fills += 1;
                return Ok(());
            }
            ("8", "0", Kind::Order) | ("8", "4", Kind::Cancel) | ("8", "5", Kind::Replace) => {
                Settled::Done
            }
            ("8", "8", Kind::Order) | ("9", _, Kind::Cancel | Kind::Replace) | ("j", ..) => {
                Settled::Refused
            }
            _ => return Err(format!("not an answer to a {kind:?}: {answer:?}")),
        };
        if *settled != Settled::Not {
            return Err(format!("{} is settled again: {answer:?}", answer.cl_ord_id));
        }
        *settled = now;
        Ok(())
    }

    /// Requests without a settling answer.
    pub fn unsettled(&self) -> usize {
        let is_open = |request: &&(Kind, Settled)| request.1 == Settled::Not;
        self.requests.values().filter(is_open).count()
    }

    /// The first of them, for the one who has to find out why.
    pub fn open_text(&self) -> String {
        let open = self
            .requests
            .iter()
            .filter(|(_, request)| request.1 == Settled::Not);
        let names: Vec<&str> = open.map(|(name, _)| name.as_str()).take(5).collect();
        format!("{} without answer, first {names:?}", self.unsettled())
    }

    /// Whether the order with this number was acknowledged.
    pub fn is_accepted(&self, number: u32) -> bool {
        let name = Request::order(number).cl_ord_id();
        self.requests
            .get(&name)
            .is_some_and(|request| request.1 == Settled::Done)
    }

    /// How many requests there are.
    pub fn requests(&self) -> u32 {
        u32::try_from(self.requests.len()).unwrap_or(u32::MAX)
    }

    /// One object for the script around it.
    pub fn to_json(&self, logons: u32, next_out: u64, next_in: u64) -> String {
        let count = |kind: Kind, settled: Settled| {
            let is_it = |request: &&(Kind, Settled)| **request == (kind, settled);
            self.requests.values().filter(is_it).count()
        };
        format!(
            "{{\"requests\": {}, \"unsettled\": {}, \"accepted\": {}, \"refused\": {}, \
             \"canceled\": {}, \"replaced\": {}, \"requests_refused\": {}, \"fills\": {}, \
             \"logons\": {logons}, \"next_out\": {next_out}, \"next_in\": {next_in}}}",
            self.requests(),
            self.unsettled(),
            count(Kind::Order, Settled::Done),
            count(Kind::Order, Settled::Refused),
            count(Kind::Cancel, Settled::Done),
            count(Kind::Replace, Settled::Done),
            count(Kind::Cancel, Settled::Refused) + count(Kind::Replace, Settled::Refused),
            self.fills,
        )
    }
}
