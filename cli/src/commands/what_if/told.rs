//! What came of a day decided otherwise, as tables for people and as JSON.

use std::collections::BTreeMap;

use gwanmun_audit::replay::{ByGroup, ChangedVerdict, Decision, Ordered, Report, Verdict, WhatIf};
use gwanmun_gateway::Group;
use gwanmun_market::OrderId;
use serde_json::{Value, json};

use crate::commands::replay::{report_json, report_lines};
use crate::exit::{Exit, Failure};
use crate::show::{self, BAD, grouped, styled};

/// Orders that are listed for people; all are counted, and in the JSON.
const SHOWN_MAX: usize = 20;

/// Orders, counted.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    orders: u64,
    qty: u64,
    value_won: u128,
    cost_won: u128,
}

impl Sum {
    fn add(&mut self, ordered: Option<&Ordered>) {
        self.orders += 1;
        if let Some(ordered) = ordered {
            self.qty += u64::from(ordered.qty);
            self.value_won = self.value_won.saturating_add(ordered.value_won);
            self.cost_won = self.cost_won.saturating_add(ordered.cost_won);
        }
    }

    fn to_json(self) -> Value {
        json!({
            "orders": self.orders,
            "quantity": self.qty,
            "value_won": won(self.value_won),
            "cost_won": won(self.cost_won),
        })
    }

    fn to_line(self, name: &str) -> String {
        format!(
            "  {name:<22}{:>9}{:>11}{:>24}{:>22}\n",
            grouped(self.orders),
            grouped(self.qty),
            grouped(won(self.value_won)),
            grouped(won(self.cost_won))
        )
    }
}

const HEAD: &str =
    "                           orders   quantity            value in won      cost in won\n";

fn won(won: u128) -> u64 {
    u64::try_from(won).unwrap_or(u64::MAX)
}

/// Sums of changed orders by a code.
fn by_code<'c>(
    changed: impl Iterator<Item = &'c ChangedVerdict>,
    code: impl Fn(&ChangedVerdict) -> Verdict,
    report: &Report,
) -> BTreeMap<(u16, &'static str), Sum> {
    let mut sums = BTreeMap::new();
    for one in changed {
        let verdict = code(one);
        let sum: &mut Sum = sums.entry((verdict.code, verdict.name())).or_default();
        sum.add(report.ordered.get(&one.order_id));
    }
    sums
}

/// Sums of some of the changed orders, by code: what people and programs call them.
type Part = (
    &'static str,
    &'static str,
    BTreeMap<(u16, &'static str), Sum>,
);

/// Changed orders in three: refused now, passed now, refused by another check now.
fn parts(what_if: &WhatIf) -> [Part; 3] {
    let report = &what_if.replay;
    let all = || what_if.changed.iter();
    let was_passed = all().filter(|one| one.before.is_passed());
    let is_passed = all().filter(|one| one.after.is_passed());
    let neither = all().filter(|one| !one.before.is_passed() && !one.after.is_passed());
    [
        (
            "would have been refused by",
            "refused",
            by_code(was_passed, |one| one.after, report),
        ),
        (
            "would have passed, refused by",
            "passed",
            by_code(is_passed, |one| one.before, report),
        ),
        (
            "would have been refused by another check",
            "refused_otherwise",
            by_code(neither, |one| one.after, report),
        ),
    ]
}

/// Tells what other tables would have done.
pub(super) fn what_if(what_if: &WhatIf, is_json: bool) -> Result<Exit, Failure> {
    let report = &what_if.replay;
    let all = || what_if.changed.iter();
    let parts = parts(what_if);
    if is_json {
        let mut sums = serde_json::Map::new();
        for (_, key, part) in &parts {
            let codes = part.iter();
            let codes = codes.map(|((_, name), sum)| ((*name).to_owned(), sum.to_json()));
            sums.insert((*key).to_owned(), Value::Object(codes.collect()));
        }
        let answer = json!({
            "replay": report_json(report),
            "sound": what_if.is_sound(),
            "compared": what_if.orders,
            "diverged": what_if.diverged,
            "by_code": sums,
            "orders": all().map(|one| order_json(one, report)).collect::<Vec<_>>(),
        });
        show::out(&format!("{answer}\n"))?;
    } else {
        let mut lines = report_lines(report);
        lines += &format!(
            "{} of {} orders would have been decided otherwise\n",
            grouped(what_if.changed.len() as u64),
            grouped(what_if.orders)
        );
        for (title, _, part) in parts.iter().filter(|part| !part.2.is_empty()) {
            lines += &format!("{title}\n{HEAD}");
            for ((_, name), sum) in part {
                lines += &sum.to_line(name);
            }
        }
        for one in all().take(SHOWN_MAX) {
            lines += &order_line(one, report);
        }
        let more = what_if.changed.len().saturating_sub(SHOWN_MAX);
        if more > 0 {
            lines += &format!("  and {} more: --json lists all\n", grouped(more as u64));
        }
        if let Some(input) = what_if.diverged {
            let text = format!("from record {input} on a line would have stood otherwise");
            lines += &format!("{}\n", styled(BAD, text));
        }
        show::out(&lines)?;
    }
    Ok(exit(what_if.is_sound()))
}

fn order_json(one: &ChangedVerdict, report: &Report) -> Value {
    let ordered = report.ordered.get(&one.order_id);
    json!({
        "order_id": one.order_id.to_string(),
        "cl_ord_id": one.cl_ord_id.to_string(),
        "symbol": ordered.map(|ordered| ordered.symbol.to_string()),
        "quantity": ordered.map(|ordered| ordered.qty),
        "value_won": ordered.map(|ordered| won(ordered.value_won)),
        "before": one.before.name(),
        "after": one.after.name(),
        "limit": one.after.limit,
        "observed": one.after.observed,
    })
}

fn order_line(one: &ChangedVerdict, report: &Report) -> String {
    let ordered = report.ordered.get(&one.order_id);
    let what = ordered.map_or(String::new(), |ordered| {
        format!("{} x {}", ordered.symbol, grouped(u64::from(ordered.qty)))
    });
    let name = show::escaped(&one.cl_ord_id.to_string());
    format!(
        "  {} {name} {what}: {} -> {}\n",
        one.order_id, one.before, one.after
    )
}

/// What was let through and what was refused, of one run.
fn of_run<'d>(
    orders: impl Iterator<Item = &'d Decision>,
    ordered: &BTreeMap<OrderId, Ordered>,
) -> [Sum; 2] {
    let (mut through, mut refused) = (Sum::default(), Sum::default());
    for one in orders {
        let sum = if one.verdict.is_passed() {
            &mut through
        } else {
            &mut refused
        };
        sum.add(ordered.get(&one.order_id));
    }
    [through, refused]
}

/// Tells what each group of checks alone would have let through.
pub(super) fn groups(by_group: &ByGroup, is_json: bool) -> Result<Exit, Failure> {
    let report = &by_group.replay;
    let mut seen = std::collections::BTreeSet::new();
    let first = |one: &&Decision| !one.order_id.is_empty() && seen.insert(one.order_id);
    let as_it_was = of_run(report.decisions.iter().filter(first), &report.ordered);
    let mut rows = vec![("all checks", as_it_was)];
    for alone in &by_group.alone {
        let name = alone.group.map_or("no check", Group::name);
        rows.push((name, of_run(alone.orders.iter(), &report.ordered)));
    }
    if is_json {
        let rows: serde_json::Map<String, Value> = rows
            .iter()
            .map(|(name, [through, refused])| {
                let sums =
                    json!({ "let_through": through.to_json(), "refused": refused.to_json() });
                (name.replace(' ', "_"), sums)
            })
            .collect();
        let answer = json!({ "replay": report_json(report), "groups": rows });
        show::out(&format!("{answer}\n"))?;
    } else {
        let mut lines = report_lines(report);
        for (title, part) in [("let through", 0), ("refused", 1)] {
            lines += &format!("{title}\n{HEAD}");
            for (name, sums) in &rows {
                lines += &sums.get(part).copied().unwrap_or_default().to_line(name);
            }
        }
        lines += "cost: against the day's base price, if each were executed at its own price\n";
        show::out(&lines)?;
    }
    Ok(exit(report.is_identical()))
}

const fn exit(is_sound: bool) -> Exit {
    if is_sound { Exit::Done } else { Exit::No }
}
