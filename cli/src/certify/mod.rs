//! The certification of a member's engine: we are the acceptor, it connects, and one scenario after
//! the other is played with it.
//!
//! In it: the terms, the list of scenarios ([`SCENARIOS`]) and the run. `wire` has sockets and
//! the clock, `line` our end of a line, `head` what is judged of every message, `stage` what
//! scenarios are written with, `report` what comes out; the scenarios themselves are in
//! `logon`, `alive`, `sequence`, `faults`, `ending` and `orders`. Not in it: the
//! session layer of the gateway (`gwanmun_fix::session`), which is too polite to test with; what
//! members are told of this, which is in `docs/rules-of-engagement.md`.

mod alive;
mod ending;
mod faults;
mod head;
mod line;
mod logon;
mod orders;
mod received;
mod report;
mod sequence;
mod stage;
mod wire;

#[cfg(test)]
mod tests;

use gwanmun_fix::Version;
use gwanmun_market::Text;

pub use report::{Report, ScenarioReport, Step, Verdict};
pub use wire::{Sockets, Wait, Wire};

use line::{Line, Stop};
use stage::Stage;

/// What was agreed with the member, and how the run is bounded.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Our CompID.
    pub sender_comp_id: Text<32>,
    /// The member's.
    pub target_comp_id: Text<32>,
    /// The version; none where its Logon(A) tells.
    pub version: Option<Version>,
    /// Largest HeartBtInt(108), in seconds.
    pub heart_bt_int_s: u64,
    /// Whether ResetSeqNumFlag(141)=Y is agreed.
    pub resets_on_logon: bool,
    /// How long the member may take to connect and to send an order it is asked for; an answer may
    /// take as long, and 10 s at most.
    pub patience_s: u64,
}

/// One scenario.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its stable name.
    pub name: &'static str,
    /// What it is about, in plain words.
    pub title: &'static str,
    /// Whether the member has to send orders for it.
    pub needs_orders: bool,
    play: fn(&mut Stage<'_, '_>) -> Result<(), Stop>,
}

const fn scenario(
    name: &'static str,
    title: &'static str,
    play: fn(&mut Stage<'_, '_>) -> Result<(), Stop>,
) -> Scenario {
    Scenario {
        name,
        title,
        needs_orders: false,
        play,
    }
}

const fn with_orders(scenario: Scenario) -> Scenario {
    Scenario {
        needs_orders: true,
        ..scenario
    }
}

/// Every scenario, in the order of a run.
pub const SCENARIOS: [Scenario; 17] = [
    scenario("logon", "The member logs on", logon::play),
    scenario(
        "heartbeat",
        "It sends Heartbeat(35=0) when it has nothing to say",
        alive::heartbeat,
    ),
    scenario(
        "test-request",
        "It answers TestRequest(35=1)",
        alive::test_request,
    ),
    scenario(
        "silence",
        "It asks with TestRequest(35=1) when we are silent",
        alive::silence,
    ),
    scenario("gap", "It asks for what it missed", sequence::gap),
    scenario("resend", "It sends again what we ask for", sequence::resend),
    scenario(
        "possible-duplicate",
        "It passes over what it has had before",
        sequence::possible_duplicate,
    ),
    scenario(
        "sequence-reset",
        "It follows a SequenceReset(35=4) upwards",
        sequence::reset,
    ),
    scenario(
        "garbled",
        "It passes over garbled messages",
        faults::garbled,
    ),
    scenario(
        "missing-field",
        "It refuses a message without a required field",
        faults::missing_field,
    ),
    scenario(
        "unknown-type",
        "It refuses a MsgType(35) that does not exist",
        faults::unknown_type,
    ),
    scenario(
        "too-low",
        "It leaves when a number is too low",
        ending::too_low,
    ),
    scenario("logout", "It answers our Logout(35=5)", ending::logout),
    scenario(
        "line-cut",
        "It comes back after a cut line and goes on with its numbers",
        ending::line_cut,
    ),
    with_orders(scenario("order", "It sends a new order", orders::order)),
    with_orders(scenario(
        "order-cancel",
        "It cancels that order",
        orders::cancel,
    )),
    with_orders(scenario(
        "order-resend",
        "It sends its orders again as they were, or fills the gap",
        orders::resend,
    )),
];

/// Plays the scenarios with whoever comes over the wire; `progress` hears of each thing that
/// happens, in words.
pub fn run(
    terms: &Terms,
    scenarios: &[Scenario],
    wire: &mut dyn Wire,
    progress: &mut dyn FnMut(&str),
) -> Report {
    let mut report = Report::default();
    let mut stage = Stage {
        line: Line::new(wire, terms),
        steps: Vec::new(),
        order: None,
        progress,
    };
    for scenario in scenarios {
        let played = match report.ended {
            Some(_) => skipped(scenario, "the run ended before it".to_owned()),
            None => play(scenario, &mut stage, &mut report),
        };
        report.scenarios.push(played);
    }
    stage.line.hang_up();
    report.version = stage.line.has_come.then(|| stage.line.version.name());
    report
}

fn play(scenario: &Scenario, stage: &mut Stage<'_, '_>, report: &mut Report) -> ScenarioReport {
    (stage.progress)(&format!("{}: {}", scenario.name, scenario.title));
    stage.steps.clear();
    let ended = (scenario.play)(stage);
    stage.line.is_silent = false;
    let steps = std::mem::take(&mut stage.steps);
    let mut played = ScenarioReport {
        steps,
        ..skipped(scenario, String::new())
    };
    match ended {
        Ok(()) => played.verdict = Verdict::Pass,
        Err(Stop::Skip(reason)) => played.reason = reason,
        Err(Stop::Fail(came)) => {
            fail(&mut played, came);
            // Where the member is now is not known: the next scenario begins on a line of its own.
            stage.line.hang_up();
            stage.line.is_unsure = true;
        }
        Err(Stop::Absent(came)) => {
            if stage.line.has_come {
                fail(&mut played, came.clone());
            } else {
                played.steps.clear();
                played.reason = came.clone();
            }
            report.ended = Some(came);
        }
        Err(Stop::Stopped) => {
            let reason = "it was interrupted";
            played.steps.retain(|step| step.verdict == Verdict::Pass);
            played.reason = reason.to_owned();
            report.ended = Some(reason.to_owned());
            report.was_stopped = true;
        }
    }
    (stage.progress)(&format!("  {}", played.verdict.styled()));
    played
}

fn skipped(scenario: &Scenario, reason: String) -> ScenarioReport {
    ScenarioReport {
        name: scenario.name,
        title: scenario.title,
        verdict: Verdict::Skipped,
        reason,
        steps: Vec::new(),
    }
}

fn fail(played: &mut ScenarioReport, came: String) {
    played.verdict = Verdict::Fail;
    if let Some(step) = played.steps.last_mut() {
        step.came = came;
        step.verdict = Verdict::Fail;
    }
}
