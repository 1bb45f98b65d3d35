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
         accounts = [\"FILL-IN\"]             # FILL IN\n"
    );
    assert_eq!(
        second,
        "begin_string = \"FIXT.1.1\"\nsender_comp_id = \"GATE\"\ntarget_comp_id = \"TWO\"\n\
         socket_accept_port = 5002\nheart_bt_int = 5\ncheck_latency = true\nmax_latency = 60\n\
         enable_last_msg_seq_num_processed = true\nresend_request_chunk_size = 1000\n\
         allow_from = [\"10.0.0.1/32\", \"10.0.0.2/32\"]\n\
         accounts = [\"FILL-IN\"]             # FILL IN\n"
    );
    let told = reasons(&imported);
    let keys: Vec<_> = told.iter().map(|row| (row.0, row.1)).collect();
    assert_eq!(
        keys,
        [
            (6, "FileStorePath"),
            (7, "StartTime"),
            (8, "EndTime"),
            (9, "TimeZone"),
            (10, "UseDataDictionary"),
            (19, "Passwort"),
            (33, "Password"),
            (34, "MillisecondsInTimeStamp"),
        ]
    );
    assert!(told[5].2.contains("no such key"), "{told:?}");
    assert!(told[7].2.contains("expected Y or N"), "{told:?}");
    assert_eq!(imported.left_out[6].value, "***", "no secret is shown");
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
