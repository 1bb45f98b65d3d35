//! Who is hot and who is watched, when they change places, and what the watching costs.

use std::io::Write;

use gwanmun_runtime::idle::{Idle, Idler};
use gwanmun_runtime::transport::{ConnectionId, TransportTerms, Uring};

use crate::server::{Server, all, terms};
use crate::support::{TURNS_MAX, over_all};

#[test]
fn sessions_that_take_turns_stay_where_they_are() {
    let one = TransportTerms {
        hot_max: 1,
        ..terms()
    };
    over_all!(one, |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        let (mut first, first_id) = server.member();
        let (mut second, second_id) = server.member();
        assert!(server.transport.is_hot(first_id), "there was room");
        for _ in 0..100 {
            server.ping(&mut first);
            server.ping(&mut second);
        }
        assert!(server.transport.is_hot(first_id));
        assert_eq!(server.transport.counts().cooled, 0);
        server.ping(&mut first);
        for _ in 0..8 {
            assert!(server.transport.is_hot(first_id));
            server.ping(&mut second);
        }
        assert!(server.transport.is_hot(second_id) && !server.transport.is_hot(first_id));
        assert_eq!(server.transport.counts().cooled, 1);
        // One that stays does so however the other speaks, and there is room for no second one.
        server.transport.sender().keep_hot(first_id);
        server.turn(&mut all);
        assert!(server.transport.is_hot(first_id) && !server.transport.is_hot(second_id));
        for _ in 0..40 {
            server.ping(&mut second);
        }
        server.transport.sender().keep_hot(second_id);
        server.turn(&mut all);
        assert!(server.transport.is_hot(first_id) && !server.transport.is_hot(second_id));
        assert_eq!(server.transport.counts().hot_refused, 1);
        // Its end makes room.
        drop(first);
        server.until("its end", |server| {
            !server.transport.sender().is_open(first_id)
        });
        (0..8).for_each(|_| server.ping(&mut second));
        assert!(server.transport.is_hot(second_id));
    });
}

#[test]
fn who_is_silent_while_others_speak_is_not_read_in_every_turn() {
    over_all!(terms(), |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        let (mut silent, silent_id) = server.member();
        let (mut speaker, speaker_id) = server.member();
        let (kept, kept_id) = server.member();
        let is_hot = |server: &Server<_>, id| server.transport.is_hot(id);
        assert!(is_hot(&server, silent_id) && is_hot(&server, speaker_id));
        (0..100).for_each(|_| server.ping(&mut speaker));
        assert!(is_hot(&server, silent_id), "not yet");
        (0..100).for_each(|_| server.ping(&mut speaker));
        assert!(!is_hot(&server, silent_id) && is_hot(&server, speaker_id));
        // One that is kept stays; while all are silent nobody changes places.
        server.transport.sender().keep_hot(kept_id);
        (0..200).for_each(|_| server.ping(&mut speaker));
        for _ in 0..1_000 {
            server.turn(&mut all);
        }
        assert!(is_hot(&server, kept_id) && is_hot(&server, speaker_id));
        // It takes more than a word to come back, and no more than eight where there is room.
        drop(kept);
        server.until("its end", |server| {
            !server.transport.sender().is_open(kept_id)
        });
        for _ in 0..7 {
            server.ping(&mut silent);
            assert!(!is_hot(&server, silent_id));
        }
        server.ping(&mut silent);
        assert!(is_hot(&server, silent_id));
    });
}

#[test]
fn strangers_and_outbound_lines_do_not_count_among_the_hot() {
    over_all!(terms(), |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        let (mut stranger, stranger_id) = server.peer();
        for _ in 0..20 {
            server.ping(&mut stranger);
        }
        assert!(!server.transport.is_hot(stranger_id));
        server.transport.sender().keep_hot(stranger_id);
        server.turn(&mut all);
        assert!(!server.transport.is_hot(stranger_id));
        let venue = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = venue.local_addr().unwrap();
        let outbound = server.transport.connect(address, 0).unwrap();
        server.until("the venue", |server| {
            server.transport.sender().is_open(outbound)
        });
        let members = [server.member(), server.member(), server.member()];
        let is_hot = |id: &ConnectionId| server.transport.is_hot(*id);
        assert!(is_hot(&outbound));
        let hot = members.iter().filter(|(_, id)| is_hot(id)).count();
        assert_eq!(hot, 2);
    });
}

#[test]
fn a_ring_is_not_entered_for_nothing() {
    let Ok(uring) = Uring::new(&terms()) else {
        return;
    };
    let mut server = Server::new(terms(), uring);
    let mut hot = [server.member(), server.member()];
    let mut watched = server.member();
    let strangers = [server.peer(), server.peer()];
    assert!(hot.iter().all(|(_, id)| server.transport.is_hot(*id)));
    server.until("quiet", |server| {
        let before = server.transport.watcher().enters();
        (0..1_000).all(|_| server.turn(&mut all) == 0)
            && before == server.transport.watcher().enters()
    });
    let before = server.transport.watcher().enters();
    for _ in 0..200 {
        for (peer, _) in &mut hot {
            server.ping(peer);
        }
    }
    let enters = server.transport.watcher().enters();
    assert_eq!(enters, before, "hot sessions have nothing to do with it");
    server.ping(&mut watched.0);
    let spent = server.transport.watcher().enters() - enters;
    assert!((1..=4).contains(&spent), "{spent} enters for one message");
    drop(strangers);
}

#[test]
fn what_a_watched_peer_sends_is_noticed_out_of_every_kind_of_idleness() {
    for idle in [Idle::Spin, Idle::Yield, Idle::Park] {
        over_all!(terms(), |terms, watcher| {
            let mut server = Server::new(terms, watcher);
            let (mut peer, _) = server.peer();
            let mut idler = Idler::new(idle);
            for length in 1..=3 {
                for _ in 0..300 {
                    let worked = server.turn(&mut all) > 0;
                    idler.turn(worked);
                }
                peer.write_all(b".").unwrap();
                server.until("a byte", |server| {
                    idler.turn(false);
                    server.received(&peer).len() == length
                });
            }
        });
    }
}

#[test]
fn who_breaks_a_silence_is_answered_before_others_are_asked() {
    over_all!(terms(), |terms, watcher| {
        let mut server = Server::new(terms, watcher);
        let (mut first, first_id) = server.member();
        let (mut second, second_id) = server.member();
        let (mut has_gone_together, mut sent) = (false, 0);
        for _ in 0..TURNS_MAX {
            while server.turn(&mut all) > 0 {}
            assert!(server.transport.is_hot(first_id) && server.transport.is_hot(second_id));
            for peer in [&mut first, &mut second] {
                peer.write_all(b".").unwrap();
            }
            sent += 1;
            // Behind the silence one of them, however many have something.
            let told = server.turn(&mut all);
            assert!(
                told <= 1,
                "{told} were looked at before the first was sent for"
            );
            for peer in [&mut first, &mut second] {
                peer.write_all(b".").unwrap();
            }
            sent += 1;
            // Behind a turn with work in it, both.
            has_gone_together |= told == 1 && server.turn(&mut all) == 2;
            let are_there = |server: &Server<_>| {
                [&first, &second].map(|peer| server.received(peer).len()) == [sent, sent]
            };
            server.until("what was sent", |server| are_there(server));
            if has_gone_together {
                return;
            }
        }
        panic!("both lines never went together");
    });
}
