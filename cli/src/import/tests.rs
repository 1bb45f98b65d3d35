//! Settings files as QuickFIX's users have them, and files that are none.

use super::{Imported, import};

const ACCEPTOR: &str = "\
# our acceptor
[DEFAULT]
ConnectionType=acceptor
HeartBtInt=20
SocketAcceptPort=5001
FileStorePath=store
StartTime=00:00:00
EndTime=00:00:00
TimeZone=Asia/Seoul
UseDataDictionary=Y
CheckLatency=N

[SESSION]
BeginString=FIX.4.2
SenderCompID=GATE
TargetCompID=ONE
ResetOnLogon=Y
TimestampPrecision=6
Passwort=x

[session]
BeginString=FIXT.1.1
DefaultApplVerID=FIX.5.0SP2
SenderCompID=GATE
TargetCompID=TWO
HeartBtInt=5
SocketAcceptPort=5002
MaxLatency=60
StartTime=17:00:00
EndTime=16:30:00
StartDay=Sunday
EndDay=fri
TimeZone=America/New_York
CheckLatency=Y
EnableLastMsgSeqNumProcessed=Y
ResendRequestChunkSize=1000
AllowedRemoteAddresses=10.0.0.1, 10.0.0.2
Password=hush
MillisecondsInTimeStamp=perhaps
";

fn reasons(imported: &Imported) -> Vec<(usize, &str, &str)> {
    let rows = imported.left_out.iter();
    rows.map(|row| (row.line, row.key.as_str(), row.reason.as_str()))
        .collect()
}

#[test]
fn sessions_are_carried_over_and_everything_else_is_told() {
    let imported = import(ACCEPTOR).unwrap();
    assert_eq!(imported.sessions, 2);
    let sessions = imported
        .toml
        .split_once("\n[[session]] # line 13\n")
        .unwrap()
        .1;
    let (first, second) = sessions.split_once("\n[[session]] # line 21\n").unwrap();
    assert_eq!(
        first,
        "begin_string = \"FIX.4.2\"\nsender_comp_id = \"GATE\"\ntarget_comp_id = \"ONE\"\n\
         socket_accept_port = 5001\nheart_bt_int = 20\nreset_on_logon = true\n\
         check_latency = false\ntimestamp_precision = \"microseconds\"\n\
         time_zone = \"Asia/Seoul\"\nstart_time = \"00:00:00\"\nend_time = \"00:00:00\"\n\
         accounts = [\"FILL-IN\"]             # FILL IN\n"
    );
    assert_eq!(
        second,
        "begin_string = \"FIXT.1.1\"\nsender_comp_id = \"GATE\"\ntarget_comp_id = \"TWO\"\n\
         socket_accept_port = 5002\nheart_bt_int = 5\ncheck_latency = true\nmax_latency = 60\n\
         enable_last_msg_seq_num_processed = true\nresend_request_chunk_size = 1000\n\
         time_zone = \"America/New_York\"\nstart_time = \"17:00:00\"\nend_time = \"16:30:00\"\n\
         start_day = \"sun\"\nend_day = \"fri\"\n\
         allow_from = [\"10.0.0.1/32\", \"10.0.0.2/32\"]\n\
         accounts = [\"FILL-IN\"]             # FILL IN\n"
    );
    let told = reasons(&imported);
    let keys: Vec<_> = told.iter().map(|row| (row.0, row.1)).collect();
    assert_eq!(
        keys,
        [
            (6, "FileStorePath"),
            (10, "UseDataDictionary"),
            (19, "Passwort"),
            (38, "Password"),
            (39, "MillisecondsInTimeStamp"),
        ]
    );
    assert!(told[2].2.contains("no such key"), "{told:?}");
    assert!(told[4].2.contains("expected Y or N"), "{told:?}");
    assert_eq!(imported.left_out[3].value, "***", "no secret is shown");
}

/// Each kind of hours, as our file has it, and what is told about those that are none.
#[test]
fn hours_are_carried_over() {
    const SESSION: &str = "[SESSION]\nBeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\n";
    const NIGHT: &str = "StartTime=18:00:00\nEndTime=06:00:00\n";
    let night = "start_time = \"18:00:00\"\nend_time = \"06:00:00\"\n";
    for (settings, expected) in [
        ("", String::new()),
        (NIGHT, format!("time_zone = \"UTC\"\n{night}")),
        (
            "TimeZone=Asia/Seoul\nWeekdays=Mon,Tuesday, fri\n",
            format!("time_zone = \"Asia/Seoul\"\n{night}weekdays = [\"mon\", \"tue\", \"fri\"]\n"),
        ),
        (
            "StartDay=sunday\nEndDay=Fr\n",
            format!("time_zone = \"UTC\"\n{night}start_day = \"sun\"\nend_day = \"fri\"\n"),
        ),
        (
            "NonStopSession=Y\n",
            "time_zone = \"UTC\"\nnon_stop = true\n".to_owned(),
        ),
        (
            "NonStopSession=N\n",
            format!("time_zone = \"UTC\"\n{night}"),
        ),
    ] {
        let hours = if settings.is_empty() { "" } else { NIGHT };
        let settings = settings.replace(NIGHT, "");
        let imported = import(&format!("{SESSION}{hours}{settings}")).unwrap();
        assert_eq!(reasons(&imported), [], "{settings}");
        let behind = imported
            .toml
            .rsplit_once("socket_accept_port = 9876          # FILL IN\n");
        let found = behind.unwrap().1.split_once("accounts").unwrap().0;
        assert_eq!(found, expected, "{settings}");
    }
}

#[test]
fn hours_that_are_none_are_told() {
    const SESSION: &str = "[SESSION]\nBeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\n\
                           StartTime=18:00:00\nEndTime=06:00:00\n";
    for (settings, key, reason) in [
        (
            SESSION.replace("18:00:00", "18:00:00 America/New_York"),
            "StartTime",
            "expected HH:MM:SS",
        ),
        (
            SESSION.replace("06:00:00", "24:00:00"),
            "EndTime",
            "expected HH:MM:SS",
        ),
        (
            format!("{SESSION}StartDay=x\n"),
            "StartDay",
            "expected a day",
        ),
        (
            format!("{SESSION}StartDay=mon\n"),
            "StartDay",
            "without EndDay",
        ),
        (
            format!("{SESSION}EndDay=mon\n"),
            "EndDay",
            "without StartDay",
        ),
        (
            format!("{SESSION}Weekdays=mon,,tue\n"),
            "Weekdays",
            "expected days",
        ),
        (
            format!("{SESSION}TimeZone=\"x\n"),
            "TimeZone",
            "expected the name",
        ),
        (
            format!("{SESSION}NonStopSession=maybe\n"),
            "NonStopSession",
            "expected Y or N",
        ),
        (
            format!("{SESSION}LogonTime=08:00:00\n"),
            "LogonTime",
            "start_time and end_time",
        ),
        (
            format!("{SESSION}UseLocalTime=Y\n"),
            "UseLocalTime",
            "set time_zone",
        ),
    ] {
        let imported = import(&settings).unwrap();
        let told = reasons(&imported);
        assert_eq!(told.len(), 1, "{settings}: {told:?}");
        assert_eq!(told[0].1, key);
        assert!(told[0].2.contains(reason), "{told:?}");
    }
}

#[test]
fn the_file_passes_the_gateways_check() {
    let folder = std::env::temp_dir().join(format!("gwanmun-import-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("secrets")).unwrap();
    std::fs::write(folder.join("secrets/krx"), "pass").unwrap();
    let path = folder.join("gateway.toml");
    std::fs::write(&path, import(ACCEPTOR).unwrap().toml).unwrap();
    let config = gwanmun_host::config::Config::load(&path);
    std::fs::remove_dir_all(&folder).unwrap();
    let config = config.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.sessions.len(), 2);
    assert_eq!(config.sessions[0].heart_bt_int_s, 20);
    assert!(
        config
            .sessions
            .iter()
            .all(|session| session.hours.is_some())
    );
    assert!(config.sessions[1].sends_last_msg_seq_num_processed);
}

#[test]
fn a_session_that_a_gateway_cannot_have_is_told_with_the_reason() {
    let session = "BeginString=FIX.4.4\nSenderCompID=A\nTargetCompID=B\n";
    for (settings, reason) in [
        (
            format!("ConnectionType=initiator\n{session}"),
            "initiates no",
        ),
        (
            session.replace("4.4", "4.1"),
            "FIX.4.2, FIX.4.4 or FIXT.1.1",
        ),
        (
            session.replace("BeginString=FIX.4.4\n", ""),
            "no BeginString",
        ),
        (
            session.replace("FIX.4.4", "FIXT.1.1\nDefaultApplVerID=FIX.5.0"),
            "DefaultApplVerID must be",
        ),
        (session.replace("=A", "=A B"), "SenderCompID must have"),
        (
            session.replace("TargetCompID=B", ""),
            "TargetCompID must have",
        ),
    ] {
        let imported = import(&format!("[SESSION]\n{settings}")).unwrap();
        assert_eq!(imported.sessions, 0, "{settings}");
        let told = reasons(&imported);
        let found = told.iter().any(|row| row.0 == 1 && row.2.contains(reason));
        assert!(found, "{settings}: {told:?}");
    }
    let twice = import(&format!("[SESSION]\n{session}[SESSION]\n{session}")).unwrap();
    assert_eq!(twice.sessions, 1);
    assert_eq!(reasons(&twice)[0].0, 5);
}

#[test]
fn a_file_that_is_none_is_told_with_its_line() {
    for (text, line, problem) in [
        ("", 0, "no [SESSION]"),
        ("[DEFAULT]\nHeartBtInt=3\n", 0, "no [SESSION]"),
        ("HeartBtInt=3\n[SESSION]\n", 1, "before any section"),
        ("[SESSION]\nHeartBtInt\n", 2, "is no setting"),
        (
            "[SESSION]\n\n[SESION]\n",
            3,
            "[DEFAULT] and [SESSION] are known",
        ),
        ("[SESSION]\n\u{1b}[31m\n", 2, "is no setting"),
        ("\0\0\0", 1, "is no setting"),
    ] {
        let error = import(text).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.problem.contains(problem), "{text:?}: {error}");
        assert!(!error.to_string().contains('\u{1b}'), "{error}");
    }
}

#[test]
fn nothing_that_is_read_panics() {
    let mut state = 1_u64;
    let mut next = move |limit: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % limit
    };
    let bytes = ACCEPTOR.as_bytes();
    for _ in 0..5_000 {
        let mut text = bytes.to_vec();
        for _ in 0..=next(8) {
            let at = next(text.len());
            match next(3) {
                0 => text[at] = u8::try_from(next(256)).unwrap(),
                1 => drop(text.drain(at..)),
                _ => text.insert(at, b"=[]#\n\0"[next(6)]),
            }
            if text.is_empty() {
                break;
            }
        }
        if let Ok(imported) = import(&String::from_utf8_lossy(&text)) {
            assert!(imported.toml.contains("[tables]"));
        }
    }
}
