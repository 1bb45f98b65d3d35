//! A sound engine passes everything, and for each scenario there is an engine that fails it: on a
//! wire without sockets, whose clock goes as far as somebody waits.

mod engine;

use std::cell::RefCell;

use gwanmun_fix::Version;
use gwanmun_market::Text;

use super::{Report, SCENARIOS, Scenario, Terms, Verdict, Wait, Wire, run};
use engine::{Engine, Fault};

/// 2026-01-05 00:00:00 UTC.
const NOW_NS: u64 = 1_767_571_200_000_000_000;
const SECOND_NS: u64 = 1_000_000_000;
const MILLISECOND_NS: u64 = 1_000_000;

/// An engine beside us, and the people at it, who read what we ask for.
struct Beside<'p> {
    engine: Engine,
    now_ns: u64,
    /// What was told last.
    told: &'p RefCell<String>,
}

impl Wire for Beside<'_> {
    fn now_ns(&self) -> u64 {
        self.now_ns
    }

    fn accept(&mut self, until_ns: u64) -> Wait {
        self.now_ns += SECOND_NS;
        if self.engine.connect(self.now_ns) {
            return Wait::Came;
        }
        self.now_ns = self.now_ns.max(until_ns);
        Wait::Silence
    }

    fn receive(&mut self, into: &mut Vec<u8>, until_ns: u64) -> Wait {
        loop {
            self.follow();
            let output = self.engine.take_output();
            if !output.is_empty() {
                into.extend(output);
                return Wait::Came;
            }
            if !self.engine.is_open() {
                return Wait::Gone;
            }
            match self
                .engine
                .next_deadline_ns()
                .filter(|due| *due <= until_ns)
            {
                Some(due_ns) => {
                    self.now_ns = self.now_ns.max(due_ns);
                    self.engine.on_time(self.now_ns);
                }
                None => {
                    self.now_ns = self.now_ns.max(until_ns);
                    return Wait::Silence;
                }
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.now_ns += MILLISECOND_NS;
        self.engine.hear(bytes, self.now_ns);
    }

    fn hang_up(&mut self) {
        self.engine.disconnect();
    }
}

impl Beside<'_> {
    /// Does what the people at the engine were asked to do.
    fn follow(&mut self) {
        let told = self.told.replace(String::new());
        let asks = |what| told.contains(what);
        if asks("send a new order") {
            self.engine.send("D", self.now_ns);
        } else if asks("cancel its order") {
            self.engine.send("F", self.now_ns);
        }
    }
}

fn terms() -> Terms {
    Terms {
        sender_comp_id: Text::new(b"GATE").unwrap(),
        target_comp_id: Text::new(b"MEMBER").unwrap(),
        version: None,
        heart_bt_int_s: 30,
        resets_on_logon: false,
        patience_s: 60,
    }
}

fn played(terms: &Terms, scenarios: &[Scenario], engine: Engine) -> (Report, u64) {
    let told = RefCell::new(String::new());
    let mut wire = Beside {
        engine,
        now_ns: NOW_NS,
        told: &told,
    };
    let report = run(terms, scenarios, &mut wire, &mut |text| {
        told.replace(text.to_owned());
    });
    (report, wire.now_ns - NOW_NS)
}

fn check(version: Version, fault: Fault) -> Report {
    played(&terms(), &SCENARIOS, Engine::new(version, fault, false)).0
}

fn names(report: &Report, verdict: Verdict) -> Vec<&'static str> {
    let scenarios = report.scenarios.iter();
    scenarios
        .filter(|it| it.verdict == verdict)
        .map(|it| it.name)
        .collect()
}

#[test]
fn a_sound_engine_passes_everything() {
    for version in Version::ALL {
        for sends_next_expected_msg_seq_num in [false, true] {
            let engine = Engine::new(version, Fault::NONE, sends_next_expected_msg_seq_num);
            let (report, _) = played(&terms(), &SCENARIOS, engine);
            assert!(report.has_passed(), "{}", report.to_text());
            let all: Vec<_> = SCENARIOS.iter().map(|it| it.name).collect();
            assert_eq!(names(&report, Verdict::Pass), all);
            assert_eq!(report.version, Some(version.name()));
            for step in report.scenarios.iter().flat_map(|it| &it.steps) {
                assert!(!step.came.is_empty() && !step.rule.is_empty(), "{step:?}");
            }
        }
    }
}

#[test]
fn each_scenario_alone_passes_too() {
    for scenario in SCENARIOS.iter().filter(|it| !it.needs_orders) {
        let engine = Engine::new(Version::Fix44, Fault::NONE, false);
        let (report, _) = played(&terms(), &[*scenario], engine);
        assert!(report.has_passed(), "{}", report.to_text());
    }
}

/// Drops, or changes, messages that begin and contain as told.
macro_rules! where_it {
    ($begins:literal, $contains:literal, $change:expr) => {
        |text| {
            if text.starts_with($begins) && text.contains($contains) {
                let change: fn(&str) -> Option<String> = $change;
                change(text)
            } else {
                Some(text.to_owned())
            }
        }
    };
}

/// Engines with something wrong, and the scenarios that they fail.
fn broken() -> Vec<(&'static [&'static str], Fault)> {
    let none = Fault::NONE;
    let said = |said| Fault { said, ..none };
    let heard = |heard| Fault { heard, ..none };
    vec![
        (
            &["logon"],
            said(where_it!("35=A|", "|98=0|", |text| Some(
                text.replace("|98=0|", "|98=1|")
            ))),
        ),
        (&["heartbeat"], Fault { late_s: 15, ..none }),
        (&["silence"], said(where_it!("35=1|", "", |_| None))),
        (&["gap", "line-cut"], said(where_it!("35=2|", "", |_| None))),
        (
            &["resend"],
            said(where_it!("35=4|34=1|", "|123=Y|", |_| None)),
        ),
        (
            &["resend"],
            said(where_it!("35=4|34=1|", "|123=Y|", |text| Some(
                text.replace("35=4|34=1|", "35=4|34=2|")
            ))),
        ),
        (
            &["resend", "order-resend"],
            said(where_it!("35=4|", "|36=", |text| Some(
                text.replace("|36=", "|36=9")
            ))),
        ),
        (
            &["possible-duplicate"],
            Fault {
                answers_duplicates: true,
                ..none
            },
        ),
        (
            &["sequence-reset"],
            heard(|text| {
                let is_reset = text.starts_with("35=4|") && !text.contains("|123=Y|");
                (!is_reset).then(|| text.to_owned())
            }),
        ),
        (
            &["garbled"],
            Fault {
                takes_garbled: true,
                ..none
            },
        ),
        (
            &["missing-field"],
            heard(|text| {
                let is_short = text.starts_with("35=1|") && !text.contains("|112=");
                Some(text.to_owned() + if is_short { "112=NONE|" } else { "" })
            }),
        ),
        (
            &["missing-field"],
            said(where_it!("35=3|", "|371=112|", |text| Some(
                text.replace("|371=112|", "|371=34|")
            ))),
        ),
        (
            &["unknown-type"],
            heard(where_it!("35=ZZ|", "", |text| Some(
                text.replace("35=ZZ|", "35=0|")
            ))),
        ),
        (
            &["unknown-type"],
            said(where_it!("35=3|", "|372=ZZ|", |text| Some(
                text.replace("|45=", "|45=1")
            ))),
        ),
        (
            &["too-low"],
            heard(|text| {
                let is_too_low = text.starts_with("35=1|34=1|") && !text.contains("|43=Y|");
                (!is_too_low).then(|| text.to_owned())
            }),
        ),
        (&["logout"], heard(where_it!("35=5|", "", |_| None))),
        (
            &["line-cut"],
            Fault {
                forgets: true,
                ..none
            },
        ),
        (
            &["order"],
            said(where_it!("35=D|", "|1=ACCOUNT|", |text| Some(
                text.replace("|1=ACCOUNT|", "|")
            ))),
        ),
        (
            &["order"],
            said(where_it!("35=D|", "|44=75100|", |text| Some(
                text.replace("|44=75100|", "|44=1e5|")
            ))),
        ),
        (
            &["order-cancel"],
            said(where_it!("35=F|", "|41=ONE|", |text| Some(
                text.replace("|41=ONE|", "|41=NONE|")
            ))),
        ),
        (
            &["order-resend"],
            said(where_it!("35=D|", "|43=Y|", |text| Some(
                text.replace("|11=ONE|", "|11=OTHER|")
            ))),
        ),
        (
            &["order-resend"],
            said(where_it!("35=D|", "|43=Y|", |text| Some(
                text.replace("|43=Y|", "|")
            ))),
        ),
    ]
}

#[test]
fn each_broken_engine_fails_what_it_breaks_and_nothing_else() {
    let mut wrong = String::new();
    for version in [Version::Fix44, Version::Fix50Sp2] {
        for (number, (expected, fault)) in broken().into_iter().enumerate() {
            let report = check(version, fault);
            let failed = names(&report, Verdict::Fail);
            let text = report.to_text();
            if failed != expected || report.has_passed() || report.ended.is_some() {
                wrong.push_str(&format!(
                    "{number}: {failed:?}, expected {expected:?}\n{text}\n"
                ));
            }
            // Whoever reads the report finds the name, and the step that went wrong is the last.
            for scenario in &report.scenarios {
                let is_failed = failed.contains(&scenario.name);
                assert!(text.contains(scenario.name));
                let last = scenario.steps.last().map(|step| step.verdict);
                assert_eq!(last == Some(Verdict::Fail), is_failed, "{text}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_scenario_can_be_failed() {
    let mut tried: Vec<_> = broken()
        .iter()
        .flat_map(|(names, _)| names.to_vec())
        .collect();
    // An engine that does not answer TestRequest(1) fails more than this one, see below.
    tried.push("test-request");
    for scenario in SCENARIOS {
        assert!(tried.contains(&scenario.name), "{}", scenario.name);
    }
}

#[test]
fn an_engine_that_answers_no_test_request_passes_nothing_that_needs_it() {
    let fault = Fault {
        said: where_it!("35=0|", "|112=", |text| Some(
            text.replace("112=CERTIFY-", "112=OTHER-")
        )),
        ..Fault::NONE
    };
    let report = check(Version::Fix44, fault);
    let failed = names(&report, Verdict::Fail);
    assert!(failed.contains(&"test-request"), "{}", report.to_text());
    assert!(names(&report, Verdict::Pass).is_empty());
}

#[test]
fn two_test_requests_are_answered_in_their_order() {
    // The answers change their places, not their numbers.
    let fault = Fault {
        said: |text| {
            let swapped = match text.rsplit_once("|112=CERTIFY-") {
                Some((head, "3|")) => format!("{head}|112=CERTIFY-4|"),
                Some((head, "4|")) => format!("{head}|112=CERTIFY-3|"),
                _ => text.to_owned(),
            };
            Some(swapped)
        },
        ..Fault::NONE
    };
    let report = check(Version::Fix44, fault);
    assert_eq!(names(&report, Verdict::Fail), ["test-request"]);
}

#[test]
fn a_member_that_never_comes_ends_the_run_in_time() {
    let fault = Fault {
        lines_max: 0,
        ..Fault::NONE
    };
    let engine = Engine::new(Version::Fix44, fault, false);
    let (report, took_ns) = played(&terms(), &SCENARIOS, engine);
    assert!(!report.has_passed());
    let told = "MEMBER did not connect within 60 s";
    assert_eq!(report.ended.as_deref(), Some(told));
    assert!(report.to_text().contains(told));
    assert_eq!(names(&report, Verdict::Skipped).len(), SCENARIOS.len());
    assert_eq!(report.version, None);
    assert!(took_ns <= 61 * SECOND_NS);
}

#[test]
fn a_member_that_does_not_come_back_fails_where_it_stays_away() {
    let fault = Fault {
        lines_max: 1,
        ..Fault::NONE
    };
    let report = check(Version::Fix44, fault);
    assert_eq!(names(&report, Verdict::Fail), ["too-low"]);
    let told = "MEMBER did not connect again within 60 s";
    assert_eq!(report.ended.as_deref(), Some(told));
    let after = [
        "logout",
        "line-cut",
        "order",
        "order-cancel",
        "order-resend",
    ];
    assert_eq!(names(&report, Verdict::Skipped), after);
}

#[test]
fn another_version_and_other_names_are_told() {
    let other = Terms {
        version: Some(Version::Fix50Sp2),
        ..terms()
    };
    let engine = || Engine::new(Version::Fix44, Fault::NONE, false);
    let (report, _) = played(&other, &SCENARIOS[..1], engine());
    assert!(
        report
            .to_text()
            .contains("the version is not FIX.5.0SP2, as agreed")
    );
    let other = Terms {
        target_comp_id: Text::new(b"SOMEONE").unwrap(),
        ..terms()
    };
    let (report, _) = played(&other, &SCENARIOS[..1], engine());
    assert!(report.to_text().contains("SenderCompID(49) is not SOMEONE"));
    assert!(!report.has_passed());
}

#[test]
fn no_heartbeats_skip_what_is_about_them() {
    let fault = Fault {
        said: where_it!("35=A|", "|108=30|", |text| Some(
            text.replace("|108=30|", "|108=0|")
        )),
        ..Fault::NONE
    };
    let report = check(Version::Fix44, fault);
    assert_eq!(names(&report, Verdict::Skipped), ["heartbeat", "silence"]);
    assert!(report.has_passed(), "{}", report.to_text());
    assert!(report.to_text().contains("HeartBtInt(108)=0"));
}

#[test]
fn the_json_report_says_the_same() {
    let report = check(
        Version::Fix44,
        Fault {
            forgets: true,
            ..Fault::NONE
        },
    );
    let json = report.to_json();
    assert_eq!(json["passed"], false);
    assert_eq!(json["version"], "FIX.4.4");
    let scenarios = json["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.len(), SCENARIOS.len());
    for (scenario, json) in report.scenarios.iter().zip(scenarios) {
        assert_eq!(json["name"], scenario.name);
        assert_eq!(json["verdict"], scenario.verdict.text());
        assert_eq!(
            json["steps"].as_array().unwrap().len(),
            scenario.steps.len()
        );
    }
}

const PAGE: &str = include_str!("../../../../docs/rules-of-engagement.md");

#[test]
fn the_page_for_members_names_every_scenario_in_order() {
    let (_, table) = PAGE.split_once("| Scenario | ").expect("no table");
    let named: Vec<_> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(str::trim)
                .collect::<Vec<_>>()
        })
        .collect();
    let names: Vec<_> = named.iter().map(|row| row[0].trim_matches('`')).collect();
    let expected: Vec<_> = SCENARIOS.iter().map(|it| it.name).collect();
    assert_eq!(names, expected);
    assert!(named.iter().all(|row| row.len() == 3 && !row[2].is_empty()));
}
