//! Days with the end of a window in them: who is logged out, refused, and begins anew is the same
//! in a replay, over a restart and over a death in between.

use gwanmun_gateway::Credential;

use crate::day::{Day, sent};

const FIRST: (u64, u64) = (0, 100);
const SECOND: (u64, u64) = (200, 300);

/// Up to the end of the first window, with an order at the venue.
fn until_the_end() -> (Day, u32) {
    let mut day = Day::begin();
    day.window(FIRST).unwrap();
    let bought = day.accepted_order(sent("C1", '1', 10, 71_400)).unwrap();
    day.wait_alive(FIRST.1);
    (day, bought)
}

/// The second window, from its start on.
fn in_the_second(day: &mut Day) {
    day.wait_alive(SECOND.0);
    day.window(SECOND).unwrap();
    day.msg_seq_num = 1;
    day.market(71_500);
    day.member_up();
    let resend = day.message("2", "7=1|16=0|");
    day.receive(day.member, &resend);
    assert!(day.gateway.is_bound(0));
    day.accepted_order(sent("C2", '1', 10, 71_400)).unwrap();
}

#[test]
fn a_day_over_the_end_of_a_window_is_identical() {
    let (mut day, bought) = until_the_end();
    day.window(SECOND).unwrap();
    day.executed(bought, 4, 71_400);
    let goodbye = day.message("5", "");
    day.receive(day.member, &goodbye);
    assert!(!day.gateway.is_bound(0));
    day.executed(bought, 6, 71_400);
    // Too early, then once more behind a restart, then with a password that has expired.
    day.msg_seq_num = 1;
    day.member_up();
    day.restart_without_lines();
    day.window(SECOND).unwrap();
    day.msg_seq_num = 1;
    day.come_up();
    day.credential = Credential::Expired;
    day.msg_seq_num = 1;
    day.member_up();
    assert!(!day.gateway.is_bound(0));
    day.credential = Credential::Passed;
    in_the_second(&mut day);
    let report = day.edge.replay();
    assert_eq!(report.first_differences, []);
    assert!(report.is_identical());
    assert_eq!((report.epochs, report.undecided.len()), (2, 0));
    assert_eq!(report.effects_compared, day.edge.effects);
}

/// The process dies with so many of the boundary's effects on record: nothing of the Logout, or the
/// Logout without what follows from the answer.
#[test]
fn a_death_at_the_end_of_a_window_is_identical() {
    for effects in 0..3 {
        let (mut day, _) = until_the_end();
        if effects == 0 {
            day.edge.lives_for = Some(0);
            assert!(day.window(SECOND).is_err());
        } else {
            day.window(SECOND).unwrap();
            let goodbye = day.message("5", "");
            day.receive_and_die(day.member, &goodbye, effects - 1);
        }
        day.edge.wipe_tail();
        day.restart_without_lines();
        day.window(SECOND).unwrap();
        day.feed_up();
        day.venue_up();
        in_the_second(&mut day);
        let report = day.edge.replay();
        assert_eq!(report.first_differences, [], "{effects}");
        assert!(report.is_identical(), "{effects}");
        assert_eq!(report.undecided.len(), 1, "{effects}");
    }
}
