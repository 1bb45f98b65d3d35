//! What was decided about orders and requests: the verdict entries of effects, read.

use std::collections::BTreeMap;

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_gateway::TablesVersion;
use gwanmun_gateway::effect::TAG_VERDICT;
use gwanmun_gateway::image::ImageReader;
use gwanmun_market::{ClOrdId, GateCode, OrderId};

use super::cut::Inputs;
use super::run::Run;

/// A verdict with its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// GateCode(20110); zero when it was passed.
    pub code: u16,
    /// GateLimit(20111), in the code's own unit.
    pub limit: i64,
    /// GateObserved(20112), in the code's own unit.
    pub observed: i64,
}

impl Verdict {
    /// Whether the order or request was passed on.
    #[must_use]
    pub const fn is_passed(self) -> bool {
        self.code == 0
    }

    /// The code's stable name, `PASSED` for none.
    #[must_use]
    pub fn name(self) -> &'static str {
        if self.is_passed() {
            return "PASSED";
        }
        GateCode::from_number(self.code).map_or("UNKNOWN", GateCode::name)
    }
}

/// One verdict entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Number of the input record that it answers.
    pub input: u64,
    /// Member session by its index in the terms, if the input came from one.
    pub session: Option<u16>,
    /// OrderID(37); empty where the order got none.
    pub order_id: OrderId,
    /// ClOrdID(11) of the order or request.
    pub cl_ord_id: ClOrdId,
    /// The verdict.
    pub verdict: Verdict,
    /// The tables that it was given by.
    pub tables: TablesVersion,
}

/// A verdict entry's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictEntry {
    /// OrderID(37); empty where the order got none.
    pub order_id: OrderId,
    /// ClOrdID(11) of the order or request.
    pub cl_ord_id: ClOrdId,
    /// The verdict.
    pub verdict: Verdict,
    /// The tables that it was given by.
    pub tables: TablesVersion,
}

impl VerdictEntry {
    /// Reads a state entry, if it is a verdict.
    #[must_use]
    pub fn read(tag: u8, bytes: &[u8]) -> Option<VerdictEntry> {
        if tag != TAG_VERDICT {
            return None;
        }
        let mut image = ImageReader::new(bytes);
        let verdict = Verdict {
            code: image.u16()?,
            limit: image.i64()?,
            observed: image.i64()?,
        };
        Some(VerdictEntry {
            order_id: image.text()?,
            cl_ord_id: image.text()?,
            verdict,
            tables: TablesVersion {
                count: image.u16()?,
                hash: image.u32()?,
            },
        })
    }
}

/// The verdicts of one effect.
pub(crate) fn verdicts(payload: &[u8]) -> impl Iterator<Item = VerdictEntry> {
    EffectReader::new(payload).filter_map(|entry| match entry {
        Ok(Entry::State { tag, bytes }) => VerdictEntry::read(tag, bytes),
        _ => None,
    })
}

/// Every verdict of a run.
pub(crate) fn decisions(inputs: &Inputs<'_>, run: &Run) -> Vec<Decision> {
    let mut decisions = Vec::new();
    for effect in run.own.all() {
        let input = inputs.records.get(effect.input);
        let session = run.sessions.get(effect.input).copied().flatten();
        decisions.extend(verdicts(run.own.payload(effect)).map(|entry| Decision {
            input: input.map_or(0, |input| input.head.number),
            session,
            order_id: entry.order_id,
            cl_ord_id: entry.cl_ord_id,
            verdict: entry.verdict,
            tables: entry.tables,
        }));
    }
    decisions
}

/// The first verdict about each OrderID(37): the one at the gate, before the venue had a say.
pub(crate) fn first_by_order(decisions: &[Decision]) -> BTreeMap<OrderId, &Decision> {
    let mut first = BTreeMap::new();
    for decision in decisions {
        if !decision.order_id.is_empty() {
            first.entry(decision.order_id).or_insert(decision);
        }
    }
    first
}

/// The first verdict about each cancel and replace that names an order, by OrderID(37) and
/// ClOrdID(11).
pub(crate) fn first_by_request(decisions: &[Decision]) -> BTreeMap<(OrderId, ClOrdId), &Decision> {
    let orders = first_by_order(decisions);
    let mut first = BTreeMap::new();
    for decision in decisions {
        let about = orders.get(&decision.order_id);
        if about.is_some_and(|order| order.cl_ord_id != decision.cl_ord_id) {
            let key = (decision.order_id, decision.cl_ord_id);
            first.entry(key).or_insert(decision);
        }
    }
    first
}
