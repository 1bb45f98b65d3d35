//! What strangers sent is kept beside the members' journal, never in it, and never a secret.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::scene::{Scene, logon};
use crate::support::{World, journal};

/// The day's lines about strangers.
fn lines(world: &World) -> Vec<Value> {
    let path = world.day().join("strangers.jsonl");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

fn status(world: &World) -> Value {
    let text = fs::read_to_string(world.day().join("status.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What is in no segment and in no capture.
fn assert_not_on_record(world: &World, words: &[&str]) {
    let mut paths = journal::segments(&world.day());
    paths.push(world.day().join("capture.pcapng"));
    for path in paths {
        let content = fs::read(&path).unwrap();
        for word in words {
            let is_there = journal::contains(&content, word.as_bytes());
            assert!(!is_there, "{word} is in {}", path.display());
        }
    }
}

#[test]
fn what_strangers_sent_is_kept_without_secrets_and_beside_the_journal() {
    let mut scene = Scene::new("strangers-kept");
    scene.stranger_is_cut(b"GET /index\x00\xff \"\\\r\n", "first bytes are not FIX");
    let wrong = logon(
        "MEMBER1",
        "95=5|96=RA\u{1}W!|553=member1|554=GUESS-1|925=NEWPASS|",
    );
    scene.stranger_is_cut(&wrong, "wrong Username or Password");
    let unknown = logon("NOBODY", "553=nobody|554=GUESS-2|");
    scene.stranger_is_cut(&unknown, "BeginString or CompIDs belong to no session here");
    let taken = logon("BYSTANDER", "553=bystander|554=pass-bystander|");
    scene.stranger_is_cut(&taken, "the session is connected already");
    // Cut within the password, and then silence.
    let whole = logon("MEMBER1", "553=member1|554=pass-member1|");
    let half = &whole[..whole.len() - 7 - 5];
    scene.stranger_is_cut(half, "no Logon in time");
    let long = [b"8=FIX.4.4\x019=99999\x0135=A\x01".as_slice(), &[b'L'; 600]].concat();
    scene.stranger_is_cut(&long, "too many bytes without a whole Logon");
    // One who leaves by himself.
    let mut line = TcpStream::connect(scene.address).unwrap();
    line.write_all(half).unwrap();
    let leaves = line.local_addr().unwrap().to_string();
    drop(line);
    scene.bystander_trades();

    let address = scene.address.to_string();
    let world = scene.end(None);
    let lines = lines(&world);
    let line_of = |fault: &str| {
        let mut found = lines.iter().filter(|line| line["fault"] == fault);
        let line = found
            .next()
            .unwrap_or_else(|| panic!("no {fault} in {lines:?}"));
        assert!(found.next().is_none(), "{fault} twice");
        assert_eq!(line["local"], address);
        assert!(line["until_ns"].as_u64() >= line["since_ns"].as_u64());
        line
    };
    let masked = |bytes: &[u8], secrets: &[&str]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        secrets.iter().fold(text, |text, secret| {
            assert!(text.contains(secret));
            text.replace(secret, &"*".repeat(secret.len()))
        })
    };
    assert_eq!(line_of("NotFix")["first"], "GET /index\0\u{ff} \"\\\r\n");
    let expected = masked(&wrong, &["RA\u{1}W!", "GUESS-1", "NEWPASS"]);
    assert_eq!(line_of("Credentials")["first"], expected);
    assert_eq!(line_of("Credentials")["bytes"], wrong.len());
    let expected = masked(&unknown, &["GUESS-2"]);
    assert_eq!(line_of("UnknownSession")["first"], expected);
    let expected = masked(&taken, &["pass-bystander"]);
    assert_eq!(line_of("AlreadyConnected")["first"], expected);
    let expected = masked(half, &["pass-mem"]);
    assert_eq!(line_of("TimedOut")["first"], expected);
    assert_eq!(line_of("TooLong")["bytes"], long.len());
    let first = line_of("TooLong")["first"].as_str().unwrap();
    assert_eq!(first.as_bytes(), &long[..512]);
    let left = lines.iter().find(|line| line["peer"] == leaves).unwrap();
    assert_eq!(left["fault"], Value::Null);
    assert_eq!(left["first"], expected);
    assert_eq!(lines.len(), 7, "{lines:?}");
    let kept = &status(&world)["stranger_lines"];
    assert_eq!((&kept["kept"], &kept["dropped"]), (&7.into(), &0.into()));
    assert_not_on_record(
        &world,
        &["GET /index", "NOBODY", "GUESS", "NEWPASS", "LLLL", "pass-"],
    );
}

#[test]
fn a_flood_of_strangers_fills_the_store_to_its_bound_and_no_further() {
    const FLOOD: usize = 700;
    let mut scene = Scene::new("strangers-flood");
    // Three kibibytes each, as they are escaped: twice what the store takes.
    let noise = [0x02; 600];
    for number in 0..FLOOD {
        let mut line = TcpStream::connect(scene.address).unwrap();
        // It may be closed already, where all places are taken.
        let _ = line.write_all(&noise);
        let _ = line.read(&mut [0; 8]);
        if number % 100 == 0 {
            scene.bystander_trades();
        }
    }
    // More at once than there are places, all silent.
    let silent: Vec<TcpStream> = (0..40)
        .map(|_| TcpStream::connect(scene.address).unwrap())
        .collect();
    for mut line in silent {
        let _ = line.read(&mut [0; 8]);
    }
    let world = scene.end(None);
    let lines = lines(&world);
    let status = status(&world);
    let told = |name: &str| usize::try_from(status["stranger_lines"][name].as_u64().unwrap());
    let (kept, dropped) = (told("kept").unwrap(), told("dropped").unwrap());
    assert_eq!(lines.len(), kept);
    let without_room = status["strangers_without_room"].as_u64().unwrap();
    assert!(without_room > 0, "{status}");
    let all = kept + dropped + usize::try_from(without_room).unwrap();
    assert_eq!(all, FLOOD + 40, "{status}");
    assert!(dropped > 0, "{status}");
    let bytes = fs::metadata(world.day().join("strangers.jsonl"))
        .unwrap()
        .len();
    assert!(bytes <= 1 << 20, "{bytes}");
    assert!(bytes > (1 << 20) - 8_192, "{bytes}");
    assert_not_on_record(&world, &["\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}"]);
}
