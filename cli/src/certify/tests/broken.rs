//! Engines with something wrong: each fails the scenario that it breaks and no other, and every
//! scenario has an engine that fails it. One that agrees on no heartbeats skips what is about them.

use gwanmun_fix::Version;

use super::engine::Fault;
use super::{SCENARIOS, Verdict, check, names};

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
