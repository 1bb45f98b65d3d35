//! How many may come, how long they may take, and whose place is free again.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use super::super::TlsFault;
use super::{Member, PATIENCE, Scene, exchange};

#[test]
fn a_silent_handshake_is_cut_in_time_and_its_place_is_free_again() {
    let scene = Scene::new("silent", 1, 4);
    for _ in 0..3 {
        let mut lines = [(); 4].map(|()| TcpStream::connect(scene.address).unwrap());
        lines[0].write_all(&[22, 3]).unwrap();
        for line in &mut lines {
            line.set_read_timeout(Some(PATIENCE)).unwrap();
            assert!(!matches!(line.read(&mut [0; 8]), Ok(1..)));
            scene.is_told(TlsFault::TimedOut);
        }
    }
    let (mut member, mut core) = scene.member();
    exchange(&mut member, &mut core);
}

#[test]
fn beyond_the_places_there_are_nobody_is_let_in() {
    let scene = Scene::new("places", 60, 4);
    let (mut member, mut core) = scene.member();
    let waiting = [(); 3].map(|()| TcpStream::connect(scene.address).unwrap());
    for _ in 0..20 {
        let mut line = TcpStream::connect(scene.address).unwrap();
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        assert!(!matches!(line.read(&mut [0; 8]), Ok(1..)));
        scene.is_told(TlsFault::NoRoom);
        exchange(&mut member, &mut core);
    }
    drop(waiting);
    for _ in 0..3 {
        scene.is_told(TlsFault::Left);
    }
    let (mut member, mut core) = scene.member();
    exchange(&mut member, &mut core);
}

/// Who is told that he is wrong and stays on his end of the line does not keep his place.
#[test]
fn a_refused_peer_who_does_not_go_gives_his_place_back() {
    let scene = Scene::new("stays", 60, 4);
    let refused = [(); 4].map(|()| {
        let mut line = TcpStream::connect(scene.address).unwrap();
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        line.write_all(b"8=FIX.4.4\x019=100\x0135=A\x01").unwrap();
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).unwrap();
        // One fatal alert, and an end in order.
        assert_eq!((answer.first(), answer.len()), (Some(&21), 7));
        scene.is_told(TlsFault::NotTls);
        line
    });
    // A bound against hanging: each try takes a good part of a millisecond.
    let mut tries = (0..50_000).map(|_| scene.connect());
    let let_in = tries.find_map(|mut member| {
        if member.flush().is_err() {
            scene.is_told(TlsFault::NoRoom);
            return None;
        }
        let arrival = scene.arrivals.recv_timeout(PATIENCE).unwrap();
        Some((member, UnixStream::from(arrival.socket)))
    });
    let (mut member, mut core) = let_in.expect("a place is free again");
    core.set_nonblocking(false).unwrap();
    exchange(&mut member, &mut core);
    drop(refused);
}

/// Lines that nobody at the order core takes: the queue is full, the next one is cut.
#[test]
fn an_order_core_that_does_not_look_makes_nobody_wait_for_long() {
    let scene = Scene::new("unlooked", 60, 200);
    let mut members: Vec<Member> = Vec::new();
    for _ in 0..super::super::ARRIVALS_MAX {
        let mut member = scene.connect();
        member.flush().unwrap();
        members.push(member);
    }
    let mut late = scene.connect();
    let _ = late.flush();
    scene.is_told(TlsFault::NoRoom);
    assert!(!matches!(late.read(&mut [0; 8]), Ok(1..)));
}

/// Members read the page, not this crate.
#[test]
fn the_rules_of_engagement_tell_what_a_handshake_may_take() {
    let page = include_str!("../../../../docs/rules-of-engagement.md");
    let told = format!(
        "{} KiB of its own",
        super::super::line::HANDSHAKE_BYTES_MAX / 1024
    );
    assert!(page.contains(&told), "{told}");
}
