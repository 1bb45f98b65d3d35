//! What a certification found: for people, or as JSON.

use serde_json::{Value, json};

use crate::show;

/// How a scenario, or a step of one, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As the rule wants it.
    Pass,
    /// Not so.
    Fail,
    /// Not tried; the reason stands beside it.
    Skipped,
}

impl Verdict {
    /// `PASS`, `FAIL` or `SKIPPED`.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Verdict::Pass => "PASS",
            Verdict::Fail => "FAIL",
            Verdict::Skipped => "SKIPPED",
        }
    }

    pub(super) fn styled(self) -> String {
        let style = match self {
            Verdict::Pass => show::GOOD,
            Verdict::Fail => show::BAD,
            Verdict::Skipped => show::WARNING,
        };
        show::styled(style, self.text())
    }
}

/// One thing done, what was to come of it, and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happens, in plain words.
    pub what: String,
    /// What the rule wants.
    pub expected: String,
    /// What came: the message, or a sentence. Control characters are escaped.
    pub came: String,
    /// Where the rule stands.
    pub rule: &'static str,
    /// How it ended.
    pub verdict: Verdict,
}

/// One scenario with its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioReport {
    /// Its stable name.
    pub name: &'static str,
    /// What it is about, in plain words.
    pub title: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it was skipped; empty otherwise.
    pub reason: String,
    /// What was done, up to the first step that failed.
    pub steps: Vec<Step>,
}

/// The whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The version that the member spoke; none where it said nothing.
    pub version: Option<&'static str>,
    /// Every scenario asked for, in the order of the run.
    pub scenarios: Vec<ScenarioReport>,
    /// Why the run ended before its last scenario, in one sentence.
    pub ended: Option<String>,
    /// Whether someone stopped it.
    pub was_stopped: bool,
}

impl Report {
    /// Whether nothing failed and the run came to its end.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.ended.is_none() && self.count(Verdict::Fail) == 0
    }

    fn count(&self, verdict: Verdict) -> usize {
        let scenarios = self.scenarios.iter();
        scenarios.filter(|it| it.verdict == verdict).count()
    }

    /// The report for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for scenario in &self.scenarios {
            text.push_str(&format!(
                "{} {} - {}\n",
                scenario.verdict.styled(),
                show::styled(show::NAME, scenario.name),
                scenario.title
            ));
            if !scenario.reason.is_empty() {
                text.push_str(&format!("     {}\n", scenario.reason));
            }
            for (number, step) in (1..).zip(&scenario.steps) {
                text.push_str(&format!(
                    "  {number}. {} {}\n     expected: {}\n     came:     {}\n     rule:     {}\n",
                    step.verdict.styled(),
                    step.what,
                    step.expected,
                    step.came,
                    step.rule
                ));
            }
        }
        if let Some(ended) = &self.ended {
            text.push_str(&format!("The run ended early: {ended}\n"));
        }
        let verdict = match self.has_passed() {
            true => Verdict::Pass,
            false => Verdict::Fail,
        };
        text.push_str(&format!(
            "{}: {} passed, {} failed, {} skipped{}\n",
            verdict.styled(),
            self.count(Verdict::Pass),
            self.count(Verdict::Fail),
            self.count(Verdict::Skipped),
            self.version
                .map_or_else(String::new, |version| format!(" in {version}"))
        ));
        text
    }

    /// The report as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "passed": self.has_passed(),
            "version": self.version,
            "ended": self.ended,
            "scenarios": self.scenarios.iter().map(scenario_json).collect::<Vec<_>>(),
        })
    }
}

fn scenario_json(scenario: &ScenarioReport) -> Value {
    let step = |step: &Step| {
        json!({
            "what": step.what,
            "expected": step.expected,
            "came": step.came,
            "rule": step.rule,
            "verdict": step.verdict.text(),
        })
    };
    json!({
        "name": scenario.name,
        "title": scenario.title,
        "verdict": scenario.verdict.text(),
        "reason": scenario.reason,
        "steps": scenario.steps.iter().map(step).collect::<Vec<_>>(),
    })
}
