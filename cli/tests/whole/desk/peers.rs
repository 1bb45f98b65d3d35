//! Who comes to the desk: no operator, one person under two names, peers that say nonsense.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use gwanmun_captures::journal::RecordKind;

use super::{ask, desk, say, set, terms};
use crate::support::member::new_order;
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, Member, World, journal};

#[test]
fn whoever_is_no_operator_is_refused() {
    let mut world = World::new("desk-stranger");
    let exchange = world.start_exchange(QUIET);
    let other = if rustix::process::getuid().is_root() {
        "\"4711\""
    } else {
        "\"0\""
    };
    let terms = GatewayTerms {
        journal: desk(other),
        ..GatewayTerms::default()
    };
    let (gateway, _) = ready(world.spawn_gateway(&terms));
    for words in [&["status"][..], &["status", "--session", "MEMBER1"]] {
        let (code, said) = ask(&world, words);
        assert!(code == 1 && said.contains("is no operator"), "{said}");
    }
    let (code, said) = set(&world, "in", 9);
    assert!(code == 1 && said.contains("is no operator"), "{said}");
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    assert_eq!(journal::count_of(&world.day(), RecordKind::Command), 0);
}

#[test]
fn one_person_is_not_two() {
    let mut world = World::new("desk-person");
    let exchange = world.start_exchange(QUIET);
    let (gateway, _) = ready(world.spawn_gateway(&terms()));
    let uid = rustix::process::getuid().as_raw();
    let line = |who: &str| {
        format!("set-number session=MEMBER1 direction=in number=9 reason=test requester={who}\n")
    };
    let answer = say(&world, line(&uid.to_string()).as_bytes());
    assert!(answer.starts_with("refused") && answer.contains("must be two"));
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let own = format!(":{uid}:");
    if let Some(user) = users.lines().find(|user| user.contains(&own)) {
        let name = user.split(':').next().unwrap();
        let answer = say(&world, line(name).as_bytes());
        assert!(answer.contains("must be two"), "{name}: {answer}");
    }
    let answer = say(&world, line("somebody-else").as_bytes());
    assert!(answer.starts_with("done record="), "{answer}");
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
}

#[test]
fn peers_that_say_nonsense_or_nothing_hold_nobody_up() {
    let mut world = World::new("desk-nonsense");
    let exchange = world.start_exchange(QUIET);
    let (gateway, address) = ready(world.spawn_gateway(&terms()));
    let mut bystander = Member::new(&world, "BYSTANDER");
    bystander.log_on(address);
    let long = [b'x'; 1024];
    for (bytes, expected) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], "refused"),
        (b"\n", "refused nothing was asked for"),
        (b"\xFF\x00\n", "refused this is no text"),
        (&long, "refused a line has at most"),
    ] {
        let answer = say(&world, bytes);
        assert!(answer.starts_with(expected), "{answer}");
    }
    // Whoever goes away without a word, or in the middle of one, is no matter.
    drop(UnixStream::connect(world.path("desk.sock")).unwrap());
    let mut gone = UnixStream::connect(world.path("desk.sock")).unwrap();
    gone.write_all(b"status").unwrap();
    drop(gone);
    // Some who say nothing, and one who says a little: members are answered meanwhile.
    let silent: Vec<UnixStream> = (0..4)
        .map(|_| UnixStream::connect(world.path("desk.sock")).unwrap())
        .collect();
    (&silent[0]).write_all(b"sta").unwrap();
    for number in 0..20 {
        let name = format!("B{number}");
        bystander.request("D", new_order(&name, '1', 10, "70000"));
        assert_eq!(bystander.answer(&name).field(150), "0");
    }
    // And in their time they are sent away, and the next one is heard.
    let (code, said) = ask(&world, &["status"]);
    assert_eq!(code, 0, "{said}");
    let mut answer = String::new();
    (&silent[0]).read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "refused the line did not come in time\n");
    // A silent one does not keep the process from its end either.
    let last = UnixStream::connect(world.path("desk.sock")).unwrap();
    gateway.stop().expect_code(0);
    drop(last);
    exchange.stop().expect_code(0);
    bystander.finish();
    journal::assert_evidence(&world.day());
}
