//! Hours of sessions and ends of passwords: as they are written, the instants that they are, and
//! what is told about wrong ones.

mod mistakes;

use gwanmun_captures::input::{Schedule, ScheduleKind};
use jiff::Timestamp;

use super::Folder;
use crate::config::{Config, ConfigError, GATEWAY_EXAMPLE};
use crate::schedules::Schedules;

/// The example with more lines in its session.
fn with(lines: &str) -> Result<Config, ConfigError> {
    let test: String = lines.chars().filter(char::is_ascii_alphanumeric).collect();
    parse(&Folder::new(&test), lines)
}

fn parse(folder: &Folder, lines: &str) -> Result<Config, ConfigError> {
    let session = "target_comp_id = \"MEMBER1\"";
    folder.parse(&GATEWAY_EXAMPLE.replacen(session, &format!("{lines}\n{session}"), 1))
}

fn ns(text: &str) -> u64 {
    let at: Timestamp = text
        .parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"));
    u64::try_from(at.as_nanosecond()).unwrap()
}

/// The next windows at a moment, as `from/to` in UTC.
fn windows(lines: &str, now: &str, count: usize) -> Vec<String> {
    let config = with(lines).unwrap_or_else(|error| panic!("{error}"));
    let hours = config.sessions[0].hours.as_ref().unwrap();
    let shown = |ns: u64| {
        Timestamp::from_nanosecond(i128::from(ns))
            .unwrap()
            .to_string()
    };
    let windows = hours.windows(ns(now), count).into_iter();
    windows
        .map(|it| format!("{}/{}", shown(it.from_ns), shown(it.to_ns)))
        .collect()
}

const NIGHT: &str = "start_time = \"18:00:00\"\nend_time = \"06:00:00\"";

#[test]
fn a_window_over_midnight_in_seoul() {
    let next = |now| windows(NIGHT, now, 2);
    let night = |from: u32| format!("2026-11-{from}T09:00:00Z/2026-11-{from}T21:00:00Z");
    // Seoul is nine hours ahead all year: 18:00 there is 09:00, and 06:00 is 21:00.
    assert_eq!(next("2026-11-26T08:59:59Z"), [night(26), night(27)]);
    assert_eq!(next("2026-11-26T09:00:00Z"), [night(26), night(27)]);
    assert_eq!(
        next("2026-11-26T20:59:59.999999999Z"),
        [night(26), night(27)]
    );
    // The first instant behind is outside.
    assert_eq!(next("2026-11-26T21:00:00Z"), [night(27), night(28)]);
}

#[test]
fn weekdays_are_those_on_which_a_window_starts() {
    let lines = format!("{NIGHT}\nweekdays = [\"fri\", \"mon\"]");
    // 2026-11-27 is a Friday; its window goes on into Saturday.
    assert_eq!(
        windows(&lines, "2026-11-27T20:00:00Z", 3),
        [
            "2026-11-27T09:00:00Z/2026-11-27T21:00:00Z",
            "2026-11-30T09:00:00Z/2026-11-30T21:00:00Z",
            "2026-12-04T09:00:00Z/2026-12-04T21:00:00Z",
        ]
    );
}

#[test]
fn the_same_time_twice_is_a_whole_day_and_a_whole_week() {
    let day = "time_zone = \"UTC\"\nstart_time = \"17:00:00\"\nend_time = \"17:00:00\"";
    assert_eq!(
        windows(day, "2026-11-26T16:59:00Z", 2),
        [
            "2026-11-25T17:00:00Z/2026-11-26T17:00:00Z",
            "2026-11-26T17:00:00Z/2026-11-27T17:00:00Z",
        ]
    );
    let week = format!("{day}\nstart_day = \"sun\"\nend_day = \"sun\"");
    assert_eq!(
        windows(&week, "2026-11-26T16:59:00Z", 2),
        [
            "2026-11-22T17:00:00Z/2026-11-29T17:00:00Z",
            "2026-11-29T17:00:00Z/2026-12-06T17:00:00Z",
        ]
    );
}

/// The week of the currency markets: both changes of New York's clocks lie within or between its
/// windows.
#[test]
fn a_weekly_window_in_new_york_over_both_changes() {
    let lines = "time_zone = \"America/New_York\"\nstart_day = \"sun\"\n\
                 start_time = \"17:00:00\"\nend_day = \"fri\"\nend_time = \"17:00:00\"";
    // Clocks go on at 2026-03-08 02:00, from five hours behind to four.
    assert_eq!(
        windows(lines, "2026-03-03T00:00:00Z", 2),
        [
            "2026-03-01T22:00:00Z/2026-03-06T22:00:00Z",
            "2026-03-08T21:00:00Z/2026-03-13T21:00:00Z",
        ]
    );
    // And back at 2026-11-01 02:00.
    assert_eq!(
        windows(lines, "2026-10-28T00:00:00Z", 2),
        [
            "2026-10-25T21:00:00Z/2026-10-30T21:00:00Z",
            "2026-11-01T22:00:00Z/2026-11-06T22:00:00Z",
        ]
    );
}

#[test]
fn a_night_in_london_is_an_hour_shorter_or_longer_when_the_clocks_change() {
    let lines = format!("time_zone = \"Europe/London\"\n{NIGHT}");
    // On at 2026-03-29 01:00 UTC.
    assert_eq!(
        windows(&lines, "2026-03-28T12:00:00Z", 2),
        [
            "2026-03-28T18:00:00Z/2026-03-29T05:00:00Z",
            "2026-03-29T17:00:00Z/2026-03-30T05:00:00Z",
        ]
    );
    // Back at 2026-10-25 01:00 UTC.
    assert_eq!(
        windows(&lines, "2026-10-24T12:00:00Z", 2),
        [
            "2026-10-24T17:00:00Z/2026-10-25T06:00:00Z",
            "2026-10-25T18:00:00Z/2026-10-26T06:00:00Z",
        ]
    );
}

#[test]
fn a_window_within_the_hour_that_is_skipped_does_not_exist_that_day() {
    let lines = "time_zone = \"Europe/London\"\nstart_time = \"01:10:00\"\n\
                 end_time = \"01:50:00\"";
    assert_eq!(
        windows(lines, "2026-03-28T00:00:00Z", 2),
        [
            "2026-03-28T01:10:00Z/2026-03-28T01:50:00Z",
            "2026-03-30T00:10:00Z/2026-03-30T00:50:00Z",
        ]
    );
    // One end in it: the moment of the change.
    let lines = lines.replace("01:50", "03:00");
    assert_eq!(
        windows(&lines, "2026-03-29T00:00:00Z", 1),
        ["2026-03-29T01:00:00Z/2026-03-29T02:00:00Z"]
    );
    // In the hour that comes twice the first one counts, for both ends.
    assert_eq!(
        windows(&lines, "2026-10-25T00:00:00Z", 1),
        ["2026-10-25T00:10:00Z/2026-10-25T03:00:00Z"]
    );
    let lines = lines.replace("03:00:00", "01:30:00");
    assert_eq!(
        windows(&lines, "2026-10-25T00:00:00Z", 1),
        ["2026-10-25T00:10:00Z/2026-10-25T00:30:00Z"]
    );
}

/// Against the obvious twin: what a window's ends show on the clocks of the zone is what was
/// written, and windows neither overlap nor leave a day out, over years and zones.
#[test]
fn every_window_of_four_years_starts_and_ends_as_it_is_written() {
    for zone in [
        "Asia/Seoul",
        "Europe/London",
        "America/New_York",
        "Australia/Lord_Howe",
    ] {
        let lines = format!("time_zone = \"{zone}\"\n{NIGHT}");
        let config = with(&lines).unwrap_or_else(|error| panic!("{error}"));
        let hours = config.sessions[0].hours.as_ref().unwrap();
        let windows = hours.windows(ns("2024-01-01T12:00:00Z"), 1_461);
        assert_eq!(windows.len(), 1_461);
        let zone = jiff::tz::TimeZone::get(zone).unwrap();
        let local = |ns: u64| {
            let at = Timestamp::from_nanosecond(i128::from(ns)).unwrap();
            at.to_zoned(zone.clone())
        };
        for (window, next) in windows.iter().zip(&windows[1..]) {
            let (from, to) = (local(window.from_ns), local(window.to_ns));
            assert_eq!((from.hour(), from.minute()), (18, 0), "{from}");
            assert_eq!((to.hour(), to.minute()), (6, 0), "{to}");
            assert_eq!(from.date().tomorrow().unwrap(), to.date());
            assert_eq!(local(next.from_ns).date(), to.date());
        }
    }
}

#[test]
fn what_is_written_is_what_is_in_force() {
    let folder = Folder::new("again");
    for lines in [
        NIGHT,
        "start_time = \"00:00:00\"\nend_time = \"23:59:59\"\nweekdays = [\"sun\"]\n\
         time_zone = \"europe/london\"",
        "start_time = \"01:02:03\"\nend_time = \"00:00:00\"\nstart_day = \"mon\"\n\
         end_day = \"sat\"",
        "non_stop = true",
        "non_stop = true\nreset_time = \"06:00:00\"\npassword_expires = 2026-12-31",
    ] {
        let config = parse(&folder, lines).unwrap_or_else(|error| panic!("{error}"));
        let again = folder.parse(&config.effective());
        let mut again = again.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again.sessions[0].hours, config.sessions[0].hours, "{lines}");
        let (one, other) = (&mut again.sessions[0], &config.sessions[0]);
        assert_eq!(one.password_expires, other.password_expires);
        assert_eq!(one.time_zone, other.time_zone);
    }
    assert_eq!(with("").unwrap().sessions[0].hours, None);
}

#[test]
fn a_session_says_more_than_the_defaults() {
    let folder = Folder::new("over");
    let plan = |own: &str, defaults: &str| {
        let session = "target_comp_id = \"MEMBER1\"";
        let source = GATEWAY_EXAMPLE
            .replacen(session, &format!("{own}\n{session}"), 1)
            .replacen("[defaults] ", &format!("[defaults]\n{defaults}\n#"), 1);
        let mut config = folder
            .parse(&source)
            .unwrap_or_else(|error| panic!("{error}"));
        config.sessions.swap_remove(0).hours
    };
    let night = plan(NIGHT, "");
    assert!(night.is_some());
    assert_eq!(plan("", NIGHT), night);
    assert_eq!(plan(NIGHT, "non_stop = true"), night);
    assert_eq!(plan("non_stop = true", NIGHT), plan("non_stop = true", ""));
    assert_eq!(
        plan("end_time = \"06:00:00\"", "start_time = \"18:00:00\""),
        night
    );
}

#[test]
fn a_password_ends_with_its_last_day_in_the_sessions_zone() {
    let expiry = |lines| with(lines).unwrap().sessions[0].password_expires.unwrap();
    let seoul = expiry("password_expires = 2026-12-31");
    assert!(!seoul.has_passed(ns("2026-12-31T14:59:59.999999999Z")));
    assert!(seoul.has_passed(ns("2026-12-31T15:00:00Z")));
    let york = expiry("time_zone = \"America/New_York\"\npassword_expires = 2026-12-31");
    assert!(!york.has_passed(ns("2027-01-01T04:59:59Z")));
    assert!(york.has_passed(ns("2027-01-01T05:00:00Z")));
}

/// What the gateway is told, and when: the window at the start, and a word at each of its ends.
#[test]
fn the_gateway_is_told_at_the_start_and_at_each_end() {
    let config = with(NIGHT).unwrap();
    let (open, close) = (ns("2026-11-26T09:00:00Z"), ns("2026-11-26T21:00:00Z"));
    let day = 86_400 * 1_000_000_000;
    let told = |kind, (from_ns, to_ns)| {
        Some(Schedule {
            session: 0,
            kind,
            from_ns,
            to_ns,
        })
    };
    let window = |days: u64| {
        told(
            ScheduleKind::Window,
            (open + days * day, close + days * day),
        )
    };
    let start = open - 1_000;
    let mut schedules = Schedules::new(&config.sessions, start, |_| false);
    assert_eq!(schedules.due(start), window(0));
    assert_eq!(schedules.due(start), None);
    assert_eq!(schedules.due(open - 1), None);
    assert_eq!(schedules.due(open), window(0));
    assert_eq!(schedules.due(close - 1), None);
    assert_eq!(schedules.due(close), window(1));
    assert_eq!(schedules.due(close), None);
    // A process that slept over several is told where it is.
    assert_eq!(schedules.due(open + 5 * day + 7), window(5));
    // Behind the last one that is known nothing opens any more.
    let last = schedules.due(open + 500 * day);
    assert_eq!(last, told(ScheduleKind::Window, (u64::MAX, u64::MAX)));
    assert_eq!(schedules.due(u64::MAX - 1), None);

    // Without hours nothing is told, unless there are some on record.
    let config = with("").unwrap();
    let mut schedules = Schedules::new(&config.sessions, start, |_| false);
    assert_eq!(schedules.due(start), None);
    let mut schedules = Schedules::new(&config.sessions, start, |session| session == 0);
    assert_eq!(schedules.due(start), told(ScheduleKind::Always, (0, 0)));
    assert_eq!(schedules.due(u64::MAX - 1), None);

    let config = with("non_stop = true\nreset_time = \"18:00:00\"").unwrap();
    let mut schedules = Schedules::new(&config.sessions, open, |_| false);
    let time = (open, open + 300_000_000_000);
    assert_eq!(schedules.due(open), told(ScheduleKind::ResetTime, time));
    let next = (time.0 + day, time.1 + day);
    assert_eq!(schedules.due(time.1), told(ScheduleKind::ResetTime, next));
}
