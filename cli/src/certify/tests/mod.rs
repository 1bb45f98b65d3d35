//! A sound engine passes everything, members that stay away or are somebody else are told, and the
//! reports and the page for members say the same: on a wire without sockets, whose clock goes as
//! far as somebody waits. For each scenario there is an engine that fails it ([`broken`]).

mod broken;
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
