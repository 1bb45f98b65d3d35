//! Wrong hours, each told with its remedy.

use super::super::Folder;
use super::{NIGHT, with};
use crate::config::GATEWAY_EXAMPLE;

#[test]
fn wrong_hours_are_told_with_the_remedy() {
    let night = |more: &str| format!("{NIGHT}\n{more}");
    for (lines, key, remedy) in [
        ("time_zone = \"Asia/Soul\"".to_owned(), "time_zone", "IANA"),
        ("time_zone = 9".into(), "time_zone", "IANA"),
        ("time_zone = \"+09:00\"".into(), "time_zone", "IANA"),
        (
            NIGHT.replace("18:00:00", "18:00"),
            "start_time",
            "\"23:59:59\"",
        ),
        (
            NIGHT.replace("18:00:00", "24:00:00"),
            "start_time",
            "\"23:59:59\"",
        ),
        (
            NIGHT.replace("06:00:00", "06:60:00"),
            "end_time",
            "\"23:59:59\"",
        ),
        (
            NIGHT.replace("\"06:00:00\"", "06:00:00"),
            "end_time",
            "\"23:59:59\"",
        ),
        (
            "start_time = \"18:00:00\"".into(),
            "start_time",
            "need both",
        ),
        ("end_time = \"18:00:00\"".into(), "end_time", "need both"),
        ("weekdays = [\"mon\"]".into(), "weekdays", "need both"),
        (
            "start_day = \"mon\"\nend_day = \"fri\"".into(),
            "start_day",
            "need both",
        ),
        (night("weekdays = []"), "weekdays", "each once"),
        (
            night("weekdays = [\"mon\", \"mon\"]"),
            "weekdays",
            "each once",
        ),
        (
            night("weekdays = [\"mo\"]"),
            "weekdays",
            "did you mean \"mon\"?",
        ),
        (night("weekdays = \"mon\""), "weekdays", "each once"),
        (night("start_day = \"mon\""), "start_day", "need both"),
        (night("end_day = \"monday\""), "end_day", "one of \"mon\""),
        (
            night("weekdays = [\"mon\"]\nstart_day = \"mon\"\nend_day = \"fri\""),
            "weekdays",
            "one window a week",
        ),
        (night("non_stop = true"), "start_time", "take one out"),
        (night("non_stop = \"yes\""), "non_stop", "true or false"),
        (
            night("reset_time = \"06:00:00\""),
            "reset_time",
            "take it out",
        ),
        (
            "reset_time = \"06:00:00\"".into(),
            "reset_time",
            "take it out",
        ),
        (
            "non_stop = true\nreset_on_logon = true\nreset_time = \"06:00:00\"".into(),
            "reset_time",
            "take one out",
        ),
        (
            "password_expires = \"2026-12-31\"".into(),
            "password_expires",
            "without quotes",
        ),
        (
            "password_expires = 2026-12-31T10:00:00".into(),
            "password_expires",
            "without quotes",
        ),
    ] {
        let error = with(&lines).expect_err(&lines);
        let key = format!("session.{key}");
        let problem = error.problems().iter().find(|problem| problem.key == key);
        let problem = problem.unwrap_or_else(|| panic!("no problem with {key}:\n{error}"));
        assert!(
            problem.remedy.contains(remedy),
            "{lines}: {}",
            problem.remedy
        );
        let line = error.line_and_column(problem).0;
        let source_line = error.to_string();
        assert!(
            source_line.contains(&format!("gateway.toml:{line}:")),
            "{source_line}"
        );
    }
    let folder = Folder::new("no-password");
    let source = GATEWAY_EXAMPLE.replacen(
        "password = \"secret:member1\"",
        "password_expires = 2026-12-31",
        1,
    );
    let error = folder.parse(&source).unwrap_err();
    assert_eq!(error.problems()[0].key, "session.password_expires");
}
