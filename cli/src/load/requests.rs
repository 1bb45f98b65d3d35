//! One session's requests: what each answer means, and which rules it must not break.
//!
//! In it: the open requests of a session, by ClOrdID(11), with the moment each was due; the orders
//! that work, oldest first, so that a session cancels as it goes on and the venue's book does not
//! grow with the length of a run. Memory is bounded by what is unanswered and by `WORKING_MAX`.
//! Not in it: time, sockets, the session layer.
//!
//! Rules held against every answer: it is about a request that was sent, and not yet over; a new
//! order is answered once; fills do not exceed OrderQty(38). The join with the venue's ledger,
//! where there is one, holds the others.

use core::fmt::Write;
use std::collections::{BTreeMap, VecDeque};

use gwanmun_market::TimeInForce;

use super::figures::Figures;
use crate::demo::initiator::{Received, timestamp};
use crate::demo::new_orders::NewStep;
use crate::demo::request::{code_name, push_new};

/// How many orders of a session may rest before each new one takes the oldest away.
const WORKING_MAX: usize = 64;

/// A request that is unanswered, or an order that works.
#[derive(Clone, Copy, Debug)]
struct Request {
    what: What,
    scheduled_ns: u64,
    msg_seq_num: u64,
    is_answered: bool,
    is_under_fault: bool,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Order { new: NewStep, filled: u64 },
    Cancel { order: u64 },
}

/// All requests of one session.
#[derive(Debug)]
pub struct Requests {
    /// First characters of every ClOrdID(11), different in each run.
    prefix: String,
    next: u64,
    open: BTreeMap<u64, Request>,
    /// Acknowledged orders for the day, oldest first; some may be over.
    working: VecDeque<u64>,
    unanswered: u64,
}

impl Requests {
    /// No request yet.
    #[must_use]
    pub fn new(prefix: String) -> Requests {
        Requests {
            prefix,
            next: 1,
            open: BTreeMap::new(),
            working: VecDeque::new(),
            unanswered: 0,
        }
    }

    /// Requests without an answer.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        self.unanswered
    }

    /// When the oldest request without an answer was due.
    #[must_use]
    pub fn oldest_unanswered_ns(&self) -> Option<u64> {
        let mut unanswered = self.open.values().filter(|request| !request.is_answered);
        unanswered.next().map(|request| request.scheduled_ns)
    }

    /// A new order: its MsgType(35) and body. It takes the MsgSeqNum(34) `msg_seq_num`.
    pub fn order(
        &mut self,
        new: NewStep,
        scheduled_ns: u64,
        msg_seq_num: u64,
        now_ns: u64,
    ) -> (&'static str, String) {
        let what = What::Order { new, filled: 0 };
        let mut body = self.open(what, scheduled_ns, msg_seq_num);
        push_new(&mut body, &new, &timestamp(now_ns));
        ("D", body)
    }

    /// The cancel of the oldest working order, once there are enough of them.
    pub fn cancel(
        &mut self,
        scheduled_ns: u64,
        msg_seq_num: u64,
        now_ns: u64,
    ) -> Option<(&'static str, String)> {
        if self.working.len() <= WORKING_MAX {
            return None;
        }
        let (order, new) = loop {
            let order = self.working.pop_front()?;
            if let Some(What::Order { new, .. }) = self.open.get(&order).map(|open| open.what) {
                break (order, new);
            }
        };
        let orig = self.cl_ord_id(order);
        let mut body = self.open(What::Cancel { order }, scheduled_ns, msg_seq_num);
        let NewStep {
            account,
            symbol,
            side,
            order_qty,
            ..
        } = new;
        let (side, time) = (char::from(side.to_fix()), timestamp(now_ns));
        let _ = write!(
            body,
            "41={orig}\u{1}1={account}\u{1}55={symbol}\u{1}54={side}\u{1}38={order_qty}\u{1}\
             60={time}\u{1}"
        );
        Some(("F", body))
    }

    fn open(&mut self, what: What, scheduled_ns: u64, msg_seq_num: u64) -> String {
        let number = self.next;
        self.next += 1;
        self.unanswered += 1;
        let request = Request {
            what,
            scheduled_ns,
            msg_seq_num,
            is_answered: false,
            is_under_fault: false,
        };
        self.open.insert(number, request);
        format!("11={}\u{1}", self.cl_ord_id(number))
    }

    fn cl_ord_id(&self, number: u64) -> String {
        format!("{}-{number:08}", self.prefix)
    }

    fn number_of(&self, cl_ord_id: &str) -> Option<u64> {
        let digits = cl_ord_id
            .strip_prefix(self.prefix.as_str())?
            .strip_prefix('-')?;
        digits
            .parse()
            .ok()
            .filter(|number| (1..self.next).contains(number))
    }

    /// We do something to the line: what is unanswered now waits for our sake too.
    pub fn on_fault(&mut self) {
        for request in self
            .open
            .values_mut()
            .filter(|request| !request.is_answered)
        {
            request.is_under_fault = true;
        }
    }

    /// Takes one application message. `settled` gets the MsgSeqNum(34) of the request that it
    /// answers, if it answers one.
    pub fn on_message(
        &mut self,
        message: Received<'_>,
        now_ns: u64,
        figures: &mut Figures,
        settled: &mut impl FnMut(u64),
    ) {
        let msg_type = message.field(35);
        let name = match msg_type {
            "8" | "9" => message.field(11),
            // BusinessRejectRefID(379) is the ClOrdID(11) that is answered.
            "j" => message.field(379),
            "3" => {
                // A session reject names the MsgSeqNum(34).
                let number = message.field(45).parse().unwrap_or(0);
                let refused = self
                    .open
                    .iter()
                    .find(|(_, open)| open.msg_seq_num == number);
                let Some(name) = refused.map(|(number, _)| self.cl_ord_id(*number)) else {
                    figures.rule_broken(&format!("35=3 about {number}: {}", message.field(58)));
                    return;
                };
                self.refuse(&name, "SESSION_REJECT", now_ns, figures, settled);
                return;
            }
            other => {
                figures.rule_broken(&format!("35={other}: {}", message.field(58)));
                return;
            }
        };
        if msg_type != "j" {
            figures.reports += 1;
        }
        if self.number_of(name).is_none() {
            figures.rule_broken(&format!("an answer about ClOrdID {name}, never sent"));
            return;
        }
        match (msg_type, message.field(150)) {
            ("8", "0") => self.on_new(name, message, now_ns, figures, settled),
            ("8", "F") => self.on_fill(name, message, figures),
            ("8", "4") => self.on_canceled(name, now_ns, figures, settled),
            ("8", "8") | ("9" | "j", _) => {
                self.refuse(name, &code_name(message), now_ns, figures, settled);
            }
            ("8", other) => {
                figures.rule_broken(&format!("a report with ExecType {other} about {name}"));
            }
            _ => {}
        }
    }

    fn on_new(
        &mut self,
        name: &str,
        message: Received<'_>,
        now_ns: u64,
        figures: &mut Figures,
        settled: &mut impl FnMut(u64),
    ) {
        if !self.answer(name, now_ns, figures, settled) {
            return;
        }
        figures.accepted += 1;
        let Some(number) = self.number_of(name) else {
            return;
        };
        let is_resting = self.open.get(&number).is_some_and(|request| {
            matches!(&request.what, What::Order { new, .. }
                if new.time_in_force == TimeInForce::Day)
        });
        if message.field(151) == "0" {
            self.open.remove(&number);
        } else if is_resting {
            self.working.push_back(number);
            // Orders that are over leave the list when they come to its front.
            while self
                .working
                .front()
                .is_some_and(|first| !self.open.contains_key(first))
            {
                self.working.pop_front();
            }
        }
    }

    fn on_fill(&mut self, name: &str, message: Received<'_>, figures: &mut Figures) {
        figures.fills += 1;
        let last_qty: u64 = message.field(32).parse().unwrap_or(0);
        let number = self.number_of(name).unwrap_or(0);
        // The fill of an order with a pending cancel may be told under either name.
        let order = match self.open.get(&number).map(|request| request.what) {
            Some(What::Cancel { order }) => order,
            _ => number,
        };
        let Some(What::Order { new, filled, .. }) =
            self.open.get_mut(&order).map(|request| &mut request.what)
        else {
            figures.rule_broken(&format!("a fill of {name}, which is over"));
            return;
        };
        *filled += last_qty;
        if last_qty == 0 || *filled > u64::from(new.order_qty) {
            let text = format!("{name} is filled with {filled} of {}", new.order_qty);
            figures.rule_broken(&text);
        }
        if message.field(151) == "0" {
            self.open.remove(&order);
        }
    }

    fn on_canceled(
        &mut self,
        name: &str,
        now_ns: u64,
        figures: &mut Figures,
        settled: &mut impl FnMut(u64),
    ) {
        let number = self.number_of(name).unwrap_or(0);
        match self.open.get(&number).map(|request| request.what) {
            Some(What::Cancel { order }) => {
                self.answer(name, now_ns, figures, settled);
                self.open.remove(&number);
                self.open.remove(&order);
            }
            Some(What::Order { .. }) => {
                if self
                    .open
                    .get(&number)
                    .is_some_and(|request| !request.is_answered)
                {
                    self.answer(name, now_ns, figures, settled);
                }
                self.open.remove(&number);
            }
            None => figures.rule_broken(&format!("{name} is canceled and was over")),
        }
    }

    /// The request is answered with a refusal, and over.
    fn refuse(
        &mut self,
        name: &str,
        code: &str,
        now_ns: u64,
        figures: &mut Figures,
        settled: &mut impl FnMut(u64),
    ) {
        if !self.answer(name, now_ns, figures, settled) {
            return;
        }
        let number = self.number_of(name).unwrap_or(0);
        let refused = match self.open.remove(&number).map(|request| request.what) {
            Some(What::Cancel { order }) => {
                // An order that still works is tried again, behind the others.
                if self.open.contains_key(&order) {
                    self.working.push_back(order);
                }
                &mut figures.cancels_refused
            }
            _ => &mut figures.refused,
        };
        *refused.entry(code.to_owned()).or_default() += 1;
    }

    /// Notes the answer to a request; false, and a broken rule, when it had one.
    fn answer(
        &mut self,
        name: &str,
        now_ns: u64,
        figures: &mut Figures,
        settled: &mut impl FnMut(u64),
    ) -> bool {
        let number = self.number_of(name).unwrap_or(0);
        let request = self
            .open
            .get_mut(&number)
            .filter(|request| !request.is_answered);
        let Some(request) = request else {
            figures.rule_broken(&format!("{name} is answered again"));
            return false;
        };
        request.is_answered = true;
        self.unanswered -= 1;
        settled(request.msg_seq_num);
        let is_order = matches!(request.what, What::Order { .. });
        let latency_ns = now_ns.saturating_sub(request.scheduled_ns);
        figures.answered(is_order, request.is_under_fault, latency_ns);
        true
    }
}

#[cfg(test)]
mod tests;
