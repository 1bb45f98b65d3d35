//! The driver's view of its orders: which request may go next, what each answer means, what it all
//! adds up to.

use std::collections::BTreeMap;
use std::fmt::Write;

use gwanmun_market::GateCode;

use super::day::{Day, NewStep, Step};
use super::initiator::{Received, timestamp};
use super::request::{code_name, push_new};

/// How many surprises are kept word for word.
const SURPRISES_MAX: usize = 20;

/// Counts of requests and their answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// NewOrderSingle(35=D) sent.
    pub orders: u64,
    /// OrderCancelRequest(35=F) sent.
    pub cancels: u64,
    /// OrderCancelReplaceRequest(35=G) sent.
    pub replaces: u64,
    /// New orders acknowledged.
    pub accepted: u64,
    /// New orders refused, by the name of GateCode(20110).
    pub refused: BTreeMap<String, u64>,
    /// Cancels and replaces refused, by the name of GateCode(20110).
    pub requests_refused: BTreeMap<String, u64>,
    /// ExecutionReport(35=8) and OrderCancelReject(35=9) received.
    pub reports: u64,
    /// Those with ExecType(150)=F.
    pub fills: u64,
    /// Answers that should not have come: a check that let something through, or refused what it
    /// should not.
    pub surprise_count: u64,
    /// The first of them, in words.
    pub surprises: Vec<String>,
}

/// One request and what it is about.
#[derive(Clone, Copy, Debug)]
struct Request {
    /// Index of the new order; `None` for the cancel of an order that never was.
    order: Option<usize>,
    is_answered: bool,
}

/// One new order.
#[derive(Clone, Copy, Debug)]
struct Order {
    new: NewStep,
    /// Index of the request that gave it its present ClOrdID(11).
    named_by: usize,
    /// A request about it is unanswered.
    is_pending: bool,
}

/// All orders of a day.
#[derive(Debug)]
pub(super) struct Orders<'a> {
    day: &'a Day,
    next_step: usize,
    requests: Vec<Request>,
    orders: Vec<Order>,
    unanswered: usize,
    tally: Tally,
}

impl<'a> Orders<'a> {
    pub(super) fn new(day: &'a Day) -> Orders<'a> {
        Orders {
            day,
            next_step: 0,
            requests: Vec::with_capacity(day.steps.len()),
            orders: Vec::with_capacity(day.steps.len()),
            unanswered: 0,
            tally: Tally::default(),
        }
    }

    /// Index of the step that comes next.
    pub(super) fn next_step(&self) -> usize {
        self.next_step
    }

    pub(super) fn unsent(&self) -> u64 {
        u64::try_from(self.day.steps.len() - self.next_step).unwrap_or(u64::MAX)
    }

    pub(super) fn unanswered(&self) -> u64 {
        u64::try_from(self.unanswered).unwrap_or(u64::MAX)
    }

    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }

    /// The next request, as MsgType(35) and body, unless it has to wait: for room in flight, or for
    /// the answer to an earlier request about the same order.
    pub(super) fn next_request(
        &mut self,
        in_flight_max: usize,
        now_ns: u64,
    ) -> Option<(&'static str, String)> {
        let step = *self.day.steps.get(self.next_step)?;
        if self.unanswered >= in_flight_max {
            return None;
        }
        if let Step::Cancel(order) | Step::Replace { order, .. } = step
            && self.orders.get(order)?.is_pending
        {
            return None;
        }
        self.next_step += 1;
        self.unanswered += 1;
        Some(self.request(step, &timestamp(now_ns)))
    }

    fn request(&mut self, step: Step, time: &str) -> (&'static str, String) {
        let index = self.requests.len();
        let mut request = Request {
            order: None,
            is_answered: false,
        };
        let mut body = format!("11={}\u{1}", cl_ord_id(index));
        let msg_type = match step {
            Step::New(new) => {
                self.tally.orders += 1;
                request.order = Some(self.orders.len());
                self.orders.push(Order {
                    new,
                    named_by: index,
                    is_pending: true,
                });
                push_new(&mut body, &new, time);
                "D"
            }
            Step::Cancel(order) => {
                self.tally.cancels += 1;
                request.order = Some(order);
                self.push_about(&mut body, order, time);
                "F"
            }
            Step::CancelUnknown => {
                self.tally.cancels += 1;
                let _ = write!(
                    body,
                    "41=NEVER-WAS\u{1}55=005930\u{1}54=1\u{1}38=1\u{1}60={time}\u{1}"
                );
                "F"
            }
            Step::Replace {
                order,
                price,
                order_qty,
            } => {
                self.tally.replaces += 1;
                request.order = Some(order);
                self.push_about(&mut body, order, time);
                let _ = write!(body, "40=2\u{1}44={price}\u{1}");
                set_order_qty(&mut body, order_qty);
                "G"
            }
        };
        self.requests.push(request);
        (msg_type, body)
    }

    /// What cancels and replaces say about the order they name.
    fn push_about(&mut self, body: &mut String, order: usize, time: &str) {
        let Some(order) = self.orders.get_mut(order) else {
            return;
        };
        order.is_pending = true;
        let NewStep {
            account,
            symbol,
            side,
            order_qty,
            ..
        } = order.new;
        let _ = write!(
            body,
            "41={}\u{1}1={account}\u{1}55={symbol}\u{1}54={}\u{1}38={order_qty}\u{1}60={time}\u{1}",
            cl_ord_id(order.named_by),
            char::from(side.to_fix()),
        );
    }

    /// Follows one application message.
    pub(super) fn on_message(&mut self, message: Received<'_>) {
        match message.field(35) {
            "8" => self.on_execution_report(message),
            "9" => {
                self.tally.reports += 1;
                *self
                    .tally
                    .requests_refused
                    .entry(code_name(message))
                    .or_default() += 1;
                self.answer(message.field(11));
            }
            other => {
                let text = format!("35={other}: {}", message.field(58));
                self.surprise(&text);
                // BusinessRejectRefID(379) is the ClOrdID(11) that is answered.
                self.answer(message.field(379));
            }
        }
    }

    fn on_execution_report(&mut self, message: Received<'_>) {
        self.tally.reports += 1;
        let name = message.field(11);
        let Some((index, request)) = self.request_named(name) else {
            self.surprise(&format!(
                "a report about ClOrdID {name}, which was never sent"
            ));
            return;
        };
        match message.field(150) {
            "0" => {
                self.tally.accepted += 1;
                self.expect(request, None);
                self.answer(name);
            }
            "8" => {
                *self.tally.refused.entry(code_name(message)).or_default() += 1;
                let number = message.field(20110).parse().ok();
                self.expect(request, number.and_then(GateCode::from_number));
                self.answer(name);
            }
            "4" => self.answer(name),
            "5" => {
                if let Some(order) = request.order.and_then(|order| self.orders.get_mut(order)) {
                    order.named_by = index;
                }
                self.answer(name);
            }
            "F" => self.tally.fills += 1,
            other => self.surprise(&format!("a report with ExecType {other}")),
        }
    }

    /// Compares a new order's fate with the one that the generator meant for it.
    fn expect(&mut self, request: Request, actual: Option<GateCode>) {
        let Some(order) = request.order.and_then(|order| self.orders.get(order)) else {
            return;
        };
        let expected = order.new.refusal;
        let is_check = actual
            .is_some_and(|code| (100..200).contains(&code.number()) && code != GateCode::StaleData);
        if expected != actual && (expected.is_some() || is_check) {
            let name = |code: Option<GateCode>| code.map_or("accepted", GateCode::name);
            let text = format!(
                "{} {} {}: expected {}, got {}",
                cl_ord_id(order.named_by),
                order.new.symbol,
                order.new.price,
                name(expected),
                name(actual)
            );
            self.surprise(&text);
        }
    }

    fn answer(&mut self, name: &str) {
        let Some((index, request)) = self.request_named(name) else {
            return;
        };
        if request.is_answered {
            return;
        }
        self.requests[index].is_answered = true;
        self.unanswered -= 1;
        if let Some(order) = request.order.and_then(|order| self.orders.get_mut(order)) {
            order.is_pending = false;
        }
    }

    fn request_named(&self, name: &str) -> Option<(usize, Request)> {
        let index = name.strip_prefix('R')?.parse().ok()?;
        Some((index, *self.requests.get(index)?))
    }

    fn surprise(&mut self, text: &str) {
        self.tally.surprise_count += 1;
        if self.tally.surprises.len() < SURPRISES_MAX {
            self.tally.surprises.push(crate::show::escaped(text));
        }
    }
}

fn cl_ord_id(request: usize) -> String {
    format!("R{request:07}")
}

/// OrderQty(38) of a replace: the body so far carries the order's own.
fn set_order_qty(body: &mut String, order_qty: u32) {
    if let Some(start) = body.find("\u{1}38=") {
        let value = start + 4;
        let end = body[value..]
            .find('\u{1}')
            .map_or(body.len(), |length| value + length);
        body.replace_range(value..end, &order_qty.to_string());
    }
}
