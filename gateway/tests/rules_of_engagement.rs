//! Holds `docs/rules-of-engagement.md` against the code: a member reads that page, not this crate.
//!
//! In it: the table of every GateCode(20110), the tags of our own with their values, and the limits
//! that the page gives as figures. Not in it: what each answer is for (see the tests of the paths).

use std::collections::BTreeMap;

use gwanmun_fix::Version;
use gwanmun_fix::messages::logout::SessionStatus;
use gwanmun_fix::session::{ApplicationTypes, SessionTerms};
use gwanmun_fix::tag;
use gwanmun_gateway::schedule::{EXPIRED_TEXT, LOGON_FROM_TEXT, WINDOW_END_TEXT};
use gwanmun_gateway::sent_max;
use gwanmun_gateway::stranger::STRANGER_BYTES_MAX;
use gwanmun_market::{FeeClass, GateCode, OrderOrigin, Text};

const PAGE: &str = include_str!("../../docs/rules-of-engagement.md");

/// Rows of the table whose heading row begins so, as trimmed cells.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, table) = PAGE
        .split_once(heading)
        .unwrap_or_else(|| panic!("no table `{heading}`"));
    let body = table.lines().skip(2);
    body.take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

fn thousands(number: usize) -> String {
    assert!((1_000..1_000_000).contains(&number));
    format!("{},{:03}", number / 1_000, number % 1_000)
}

#[test]
fn every_gate_code_stands_in_the_table_as_it_is() {
    let rows = rows("| 20110 | Name | 103 | 102 |");
    for (row, code) in rows.iter().zip(GateCode::ALL) {
        let expected = [
            code.number().to_string(),
            code.name().to_owned(),
            code.ord_rej_reason().to_string(),
            code.cxl_rej_reason().to_string(),
        ];
        assert_eq!(row[..4], expected, "the row of {}", code.name());
        assert_eq!(row.len(), 8, "the row of {}", code.name());
        assert!(
            row[4..].iter().all(|cell| !cell.is_empty()),
            "{}",
            code.name()
        );
    }
    assert_eq!(rows.len(), GateCode::ALL.len());
}

/// A member's engine checks enumerated fields against FIX 4.4 and refuses reports beyond it.
#[test]
fn reject_reasons_are_those_of_fix_4_4() {
    for code in GateCode::ALL {
        let (ord, cxl) = (code.ord_rej_reason(), code.cxl_rej_reason());
        assert!(
            matches!(ord, 0..=15 | 99),
            "{}: OrdRejReason(103)={ord}",
            code.name()
        );
        assert!(
            matches!(cxl, 0..=6 | 99),
            "{}: CxlRejReason(102)={cxl}",
            code.name()
        );
    }
}

#[test]
fn our_tags_are_named_and_numbered_as_in_the_code() {
    let rows = rows("| Tag | Field | Type | On | Meaning |");
    let documented: BTreeMap<u32, &str> = rows
        .iter()
        .map(|row| (row[0].parse().unwrap(), row[1]))
        .collect();
    let ours = [
        tag::ORDER_ORIGIN,
        tag::FEE_CLASS,
        tag::VOICE_RECORD_ID,
        tag::GATE_CODE,
        tag::GATE_LIMIT,
        tag::GATE_OBSERVED,
        tag::GATE_CONFIRM,
        tag::MISSING_QTY,
    ];
    let expected: BTreeMap<u32, &str> = ours
        .iter()
        .map(|&number| (number, tag::name(number).unwrap()))
        .collect();
    assert_eq!(documented, expected);
    let meaning = |number: u32| {
        let is_its = |row: &&Vec<&str>| row[0] == number.to_string();
        rows.iter().find(is_its).unwrap()[4]
    };
    for value in b'0'..=b'9' {
        let quoted = format!("`{}`", char::from(value));
        for (number, is_known) in [
            (tag::ORDER_ORIGIN, OrderOrigin::from_fix(value).is_some()),
            (tag::FEE_CLASS, FeeClass::from_fix(value).is_some()),
        ] {
            assert_eq!(
                meaning(number).contains(&quoted),
                is_known,
                "{number}={quoted}"
            );
        }
    }
}

#[test]
fn standard_tags_carry_the_names_of_the_standard() {
    let rows = rows("| Tag | Field | D | F | G | Values |");
    assert!(rows.len() >= 10);
    for row in rows {
        assert_eq!(tag::name(row[0].parse().unwrap()), Some(row[1]));
    }
}

/// What is said about hours and passwords, with the numbers of FIX.5.0SP2.
#[test]
fn hours_are_told_as_the_code_tells_them() {
    let rows = rows("| When | What you get | Text(58) | SessionStatus(1409), FIX.5.0SP2 |");
    let status = |status: SessionStatus| status.number().to_string();
    let expected = [
        (LOGON_FROM_TEXT, status(SessionStatus::LogonsNotAllowedNow)),
        (WINDOW_END_TEXT, String::new()),
        (EXPIRED_TEXT, status(SessionStatus::PasswordExpired)),
    ];
    assert_eq!(rows.len(), expected.len());
    for (row, (text, status)) in rows.iter().zip(expected) {
        let text = format!("`{}", text.escape_ascii());
        assert!(row[2].starts_with(&text), "{row:?} lacks {text}");
        assert_eq!(row[3], status);
    }
    let has_status = Version::ALL.map(Version::has_session_status);
    assert_eq!(has_status, [false, false, true]);
}

#[test]
fn figures_are_those_of_the_code() {
    let acceptor = SessionTerms::new(Text::EMPTY, Text::EMPTY, true);
    for figure in [
        format!("{} bytes for a whole", thousands(STRANGER_BYTES_MAX)),
        format!("least {}", thousands(sent_max(0))),
        format!("`max_latency` ({} s)", acceptor.max_latency_s),
    ]
    .into_iter()
    .chain(Version::ALL.map(|version| format!("`{}`", version.begin_string().escape_ascii())))
    {
        assert!(PAGE.contains(&figure), "the page does not say {figure:?}");
    }
    assert!(PAGE.contains("four messages for each order"));
    assert_eq!(sent_max(1 << 18), 4 << 18);
    let ApplicationTypes::Listed(types) = acceptor.application_types else {
        panic!("the gateway lists what it takes");
    };
    for msg_type in types {
        let named = format!("({})", msg_type.escape_ascii());
        assert!(PAGE.contains(&named), "the page does not name {named}");
    }
}
