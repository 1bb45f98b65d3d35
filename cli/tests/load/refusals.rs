//! What cannot be loaded is told with its reason: arguments that make no sense, more sessions than
//! there may be, a gateway that takes nobody.

use std::net::{SocketAddr, TcpListener};

use crate::{folder, gwanmun};

#[test]
fn arguments_that_make_no_sense_are_refused_before_anything_starts() {
    let out = folder("refused");
    for (arguments, told) in [
        (&["load"][..], "ADDRESS"),
        (&["load", "--self", "127.0.0.1:1"], "cannot be used with"),
        (&["load", "--self", "--sessions", "0"], "--sessions"),
        (&["load", "--self", "--sessions", "5000"], "--sessions"),
        (&["load", "--self", "--rate", "0"], "--burst"),
        (&["load", "--self", "--rate", "-5"], "-5"),
        (&["load", "--self", "--duration", "soon"], "no time"),
        (&["load", "--self", "--duration", "0s"], "no time"),
        (
            &["load", "--self", "--duration", "5s", "--orders", "5"],
            "cannot be used with",
        ),
        (&["load", "--self", "--hot-symbol", "120%"], "no share"),
        (&["load", "--self", "--names", "A B"], "no CompID"),
        (&["load", "--self", "--burst-every", "5s"], "--burst"),
        (
            &[
                "load",
                "--self",
                "--rate",
                "0",
                "--burst",
                "5",
                "--duration",
                "1s",
            ],
            "no order is due",
        ),
        (&["load", "nowhere"], "HOST:PORT"),
        (
            &["load", "127.0.0.1:1", "--sessions-file", "/nonexistent/x"],
            "/nonexistent/x",
        ),
        (&["load", "--self", "--password", "x"], "--password"),
    ] {
        let mut all = arguments.to_vec();
        all.extend(["--out", out.to_str().unwrap()]);
        let output = gwanmun(&all);
        let error = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code();
        assert!(
            code == Some(2) || code == Some(3),
            "{arguments:?}: {code:?} {error}"
        );
        assert!(error.contains(told), "{arguments:?}: {error}");
        assert!(!out.exists(), "{arguments:?}");
    }
}

#[test]
fn more_sessions_than_a_gateway_takes_are_told_with_their_bound() {
    let out = folder("many");
    let output = gwanmun(&[
        "load",
        "--self",
        "--sessions",
        "4096",
        "--out",
        out.to_str().unwrap(),
    ]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("4096 times [[session]]"), "{error}");
    std::fs::remove_dir_all(&out).unwrap();
}

#[test]
fn a_gateway_that_is_not_there_or_takes_nobody_is_told_with_its_reason() {
    // A listener that closes every line at once.
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || while listener.accept().is_ok() {});
    let out = folder("nobody");
    let output = gwanmun(&[
        "load",
        &address,
        "--sessions",
        "2",
        "--out",
        out.to_str().unwrap(),
    ]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{error}");
    assert!(error.contains("MEMBER1 is not logged on"), "{error}");
    std::fs::remove_dir_all(&out).unwrap();
}
