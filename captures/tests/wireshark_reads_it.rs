//! What we write is read by the programs other people use: tshark, capinfos and tcpdump.
//!
//! The FIX messages here are made by hand, so that this crate stays without a codec. A missing
//! program fails the test and names the package to install.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod day;

use std::path::{Path, PathBuf};
use std::process::Command;

use day::{Day, MEMBER, VENUE};
use gwanmun_captures::input::{Endpoint, Role};

/// A FIX.4.4 message of these fields, with its length and sum counted here.
fn fix(fields: &str) -> Vec<u8> {
    let body = fields.replace('|', "\u{1}");
    let mut message = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len()).into_bytes();
    let sum = message
        .iter()
        .fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    message.extend(format!("10={sum:03}\u{1}").into_bytes());
    message
}

const TIME: &str = "52=20261120-00:00:00.123|";

/// Logon, orders with their reports, heartbeats, a long answer, logout; an IPv6 venue line beside
/// it; a restart.
fn conversation() -> Day {
    let mut day = Day::new(4 << 20);
    let (mut peer, mut local) = ([0x20; 16], [0x20; 16]);
    (peer[15], local[15]) = (1, 2);
    day.connect(
        VENUE,
        Role::Venue,
        Endpoint::v6(peer, 9000),
        Endpoint::v6(local, 40_001),
    );
    let gateway = Endpoint::v4([10, 0, 2, 1], 9876);
    day.connect(
        MEMBER,
        Role::Member,
        Endpoint::v4([10, 0, 1, 10], 40_000),
        gateway,
    );
    let logon = |number| format!("35=A|34={number}|49=FIRM|56=GATE|{TIME}98=0|108=30|");
    let answer = |number| format!("35=A|34={number}|49=GATE|56=FIRM|{TIME}98=0|108=30|");
    day.receive(MEMBER, &fix(&logon(1)));
    day.send(MEMBER, &fix(&answer(1)));
    for number in 2..52 {
        let order = fix(&format!(
            "35=D|34={number}|49=FIRM|56=GATE|{TIME}11=C{number}|1=ACC|55=005930|54=1|\
             60=20261120-00:00:00|38=10|40=2|44=70000|59=0|"
        ));
        // Every third order arrives in two pieces.
        let cut = if number % 3 == 0 { order.len() / 2 } else { 0 };
        for piece in [&order[..cut], &order[cut..]] {
            if !piece.is_empty() {
                day.receive(MEMBER, piece);
            }
        }
        day.send(VENUE, b"\x00\x03UXX");
        day.receive(VENUE, b"\x00\x03SXX");
        let report = fix(&format!(
            "35=8|34={number}|49=GATE|56=FIRM|{TIME}37=O{number}|11=C{number}|17=E{number}|150=0|\
             39=0|55=005930|54=1|38=10|151=10|14=0|6=0|"
        ));
        day.produce(&[(MEMBER, &report)]);
        let half = u32::try_from(report.len() / 2).unwrap();
        day.accept(MEMBER, half);
        day.accept(MEMBER, u32::try_from(report.len()).unwrap() - half);
    }
    // One way only, more than the window without a scale would hold.
    let note = fix(&format!("35=0|34=52|49=GATE|56=FIRM|{TIME}"));
    let many = note.repeat(600_000 / note.len());
    day.send(MEMBER, &many);
    day.restart();
    day.connect(
        MEMBER,
        Role::Member,
        Endpoint::v4([10, 0, 1, 10], 40_002),
        gateway,
    );
    day.receive(MEMBER, &fix(&logon(52)));
    day.send(MEMBER, &fix(&answer(53)));
    day.receive(MEMBER, &fix(&format!("35=5|34=53|49=FIRM|56=GATE|{TIME}")));
    day.send(MEMBER, &fix(&format!("35=5|34=54|49=GATE|56=FIRM|{TIME}")));
    day.disconnect(MEMBER);
    day.seal();
    day
}

fn written(name: &str) -> (PathBuf, Day) {
    let day = conversation();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, day.render()).unwrap();
    (path, day)
}

/// Runs a program and returns its output; fails if it is not there, is unhappy, or warns.
fn run(program: &str, package: &str, arguments: &[&str], path: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(path).output();
    let output =
        output.unwrap_or_else(|error| panic!("{program}: {error}; apt-get install {package}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {errors}");
    assert!(
        !errors.contains("damaged") && !errors.contains("cut short"),
        "{errors}"
    );
    String::from_utf8(output.stdout).unwrap()
}

fn tshark(path: &Path, arguments: &[&str]) -> String {
    let checks = [
        "-o",
        "tcp.check_checksum:TRUE",
        "-o",
        "ip.check_checksum:TRUE",
    ];
    let all: Vec<&str> = checks
        .iter()
        .chain(arguments)
        .copied()
        .chain(["-r"])
        .collect();
    run("tshark", "tshark", &all, path)
}

#[test]
fn tshark_decodes_fix_and_finds_nothing_to_warn_of() {
    let (path, day) = written("tshark.pcapng");
    let decoded = tshark(&path, &["-Y", "fix", "-T", "fields", "-e", "fix.MsgType"]);
    let types: Vec<&str> = decoded.lines().flat_map(|line| line.split(',')).collect();
    let count = |kind| types.iter().filter(|found| **found == kind).count();
    assert_eq!(
        (count("A"), count("D"), count("8"), count("5")),
        (4, 50, 50, 2)
    );
    assert!(count("0") > 7_000, "{} heartbeats", count("0"));

    // Good is 1 in both fields.
    let sums = tshark(
        &path,
        &[
            "-T",
            "fields",
            "-e",
            "tcp.checksum.status",
            "-e",
            "ip.checksum.status",
        ],
    );
    let packets = verified(&day);
    assert_eq!(sums.lines().count() as u64, packets);
    assert!(
        sums.lines().all(|line| line == "1\t1" || line == "1\t"),
        "{sums}"
    );

    let analysis = tshark(&path, &["-Y", "tcp.analysis.flags || _ws.malformed"]);
    assert_eq!(
        analysis, "",
        "no retransmission, lost segment, full window or the like"
    );
    let bad_sums = tshark(&path, &["-Y", "fix.checksum_bad == 1"]);
    assert_eq!(bad_sums, "", "FIX checksums are right");

    // Nothing more severe than what happened: the gateway died once, with two lines open.
    let severe = tshark(&path, &["-q", "-z", "expert,warn"]);
    let rows: Vec<&str> = severe
        .lines()
        .filter(|line| line.trim_start().starts_with(char::is_numeric))
        .collect();
    assert!(
        matches!(rows[..], [row] if row.contains("Connection reset (RST)") && row.contains(" 2 ")),
        "{severe}"
    );
}

/// A day with commands: each program shows them, and none complains.
#[test]
fn commands_are_read_in_comments_and_as_messages() {
    let mut day = Day::new(8192);
    let gateway = Endpoint::v4([10, 0, 2, 1], 9876);
    let member = Endpoint::v4([10, 0, 1, 10], 40_000);
    day.connect(MEMBER, Role::Member, member, gateway);
    let number = day.ask("저장소를 잃음".as_bytes());
    day.answer(number, &[0]);
    let number = day.ask(b"again");
    day.answer(number, &[3]);
    day.disconnect(MEMBER);
    day.seal();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("commands.pcapng");
    std::fs::write(&path, day.render()).unwrap();

    let asked = "by \"kim\", asked for by \"lee\": next incoming number of session 2 set to 77";
    let expected = [
        (
            format!("command #3 {asked}, because \"저장소를 잃음\""),
            "5",
        ),
        ("command #3 done".to_owned(), "5"),
        (format!("command #5 {asked}, because \"again\""), "5"),
        ("command #5 refused with number 3".to_owned(), "4"),
    ];
    let fields = [
        "frame.comment",
        "syslog.msg",
        "syslog.level",
        "udp.checksum.status",
    ];
    let mut arguments = vec!["-o", "udp.check_checksum:TRUE", "-T", "fields"];
    arguments.extend(["-Y", "frame.interface_name == \"desk\""]);
    arguments.extend(fields.iter().flat_map(|field| ["-e", field]));
    let shown = tshark(&path, &arguments);
    let shown: Vec<&str> = shown.lines().collect();
    let line = |(text, level): &(String, &str)| format!("{text}\t{text}\t{level}\t1");
    assert_eq!(shown, expected.each_ref().map(line));
    let malformed = tshark(&path, &["-Y", "_ws.malformed || ip.checksum.status == 0"]);
    assert_eq!(malformed, "");

    let info = run("capinfos", "wireshark-common", &["-M"], &path);
    assert!(info.contains("Strict time order:   True"), "{info}");
    assert!(info.contains("Number of interfaces in file: 4"), "{info}");
    assert!(info.contains("Number of packets:   10\n"), "{info}");
    let dump = run("tcpdump", "tcpdump", &["-nn", "-v", "-r"], &path);
    assert_eq!(
        dump.matches("192.0.2.1.514 > 192.0.2.2.514").count(),
        2,
        "{dump}"
    );
    assert_eq!(dump.matches("\tMsg: command #").count(), 4, "{dump}");
    assert!(!dump.contains("bad"), "{dump}");
}

/// Packets of the day, by our own count.
fn verified(day: &Day) -> u64 {
    gwanmun_captures::verify::verify(day.slices(), &day.render())
        .unwrap()
        .packets
}

#[test]
fn tshark_shows_stamps_interfaces_and_identities() {
    let (path, _) = written("heads.pcapng");
    let shown = tshark(
        &path,
        &[
            "-T",
            "fields",
            "-e",
            "frame.time_epoch",
            "-e",
            "frame.interface_name",
            "-e",
            "frame.packet_id",
            "-c",
            "7",
        ],
    );
    let lines: Vec<&str> = shown.lines().collect();
    // Start is record 1, the venue's line record 2, the member's record 3, the Logon record 4.
    assert_eq!(lines[0], "1795132800.123459011\tvenues\t200000");
    assert_eq!(lines[2], "1795132800.123459011\tvenues\t200002");
    assert_eq!(lines[3], "1795132800.123460122\tmembers\t300000");
    assert_eq!(lines[6], "1795132800.123461233\tmembers\t400000");
}

#[test]
fn tshark_follows_the_streams_to_the_same_bytes() {
    let (path, _) = written("streams.pcapng");
    // Streams in order of their first packet: venue, member, member after the restart.
    let followed = tshark(&path, &["-q", "-z", "follow,tcp,raw,2"]);
    let hexadecimal = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let logout = fix(&format!("35=5|34=53|49=FIRM|56=GATE|{TIME}"));
    let answer = fix(&format!("35=5|34=54|49=GATE|56=FIRM|{TIME}"));
    assert!(
        followed.lines().any(|line| line == hexadecimal(&logout)),
        "{followed}"
    );
    assert!(
        followed
            .lines()
            .any(|line| line == format!("\t{}", hexadecimal(&answer)))
    );
}

#[test]
fn capinfos_and_tcpdump_read_it() {
    let (path, day) = written("capinfos.pcapng");
    let packets = verified(&day);
    let info = run("capinfos", "wireshark-common", &["-M"], &path);
    assert!(info.contains("File type:           pcapng\n"), "{info}");
    assert!(info.contains("File encapsulation:  ether\n"), "{info}");
    assert!(info.contains("nanoseconds (9)"), "{info}");
    assert!(info.contains("Strict time order:   True"), "{info}");
    assert!(
        info.contains(&format!("Number of packets:   {packets}\n")),
        "{info}"
    );
    assert!(info.contains("Number of interfaces in file: 3"), "{info}");

    let dump = run("tcpdump", "tcpdump", &["-nn", "-v", "-r"], &path);
    let frames = dump.lines().filter(|line| line.contains("IP")).count();
    assert_eq!(frames as u64, packets);
    assert!(
        !dump.contains("bad cksum") && !dump.contains("incorrect"),
        "{dump}"
    );
    assert_eq!(dump.matches("(correct)").count() as u64, packets);
}
