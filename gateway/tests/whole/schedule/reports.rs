//! What a member was not sent in one window waits for him in the next.

use gwanmun_fix::tag;

use super::{FIRST, S, SECOND, numbers, open_world, tell, window};
use crate::world::{BUY, ask};

/// Nothing accepted is lost over the boundary: what happens to working orders while he is told to
/// go and in between is told under the numbers of the window to come.
#[test]
fn reports_between_two_windows_wait_under_the_new_numbers() {
    let mut world = open_world();
    world.order(0, &ask("A", BUY, 10));
    let number = world.sites[0].venue.latest();
    world.now_ns = FIRST.1;
    tell(&mut world);
    // A fill while his answer is on its way: perhaps he does not read it any more.
    world.sites[0].venue.execute(number, 1);
    world.run();
    world.say(0, "5", |_| {});
    world.sites[0].venue.execute(number, 4);
    world.run();
    let from = world.members[0].log.len();
    assert_eq!(world.members[0].briefs(0), ["8 0 0", "8 F 1"]);
    world.crash(false);
    tell(&mut world);
    world.now_ns = SECOND.0;
    world.members[0].begin_anew();
    tell(&mut world);
    world.connect_all();
    assert_eq!(world.members[0].briefs(from), ["8 F 1", "8 F 1"]);
    let fills = world.members[0].log[from..].iter();
    let fills: Vec<_> = fills
        .filter(|seen| seen.msg_type == "8")
        .map(|seen| (seen.get(tag::CUM_QTY), seen.get(tag::POSS_DUP_FLAG)))
        .collect();
    assert_eq!(fills, [("1", "Y"), ("5", "Y")]);
    // Nothing of the window before comes with them.
    assert_eq!(world.members[0].log[from].msg_type, "4");
    // How the order stands can be asked for, whatever he has of the window before.
    let now_ns = world.now_ns;
    world.say(0, "D", |writer| {
        writer.boolean(tag::POSS_RESEND, true);
        ask("A", BUY, 10).write(writer, now_ns);
    });
    assert_eq!(world.members[0].briefs(from).last().unwrap(), "8 I 1");
    // And it goes on.
    world.cancel(0, "X", "A", &ask("A", BUY, 10));
    assert_eq!(world.members[0].briefs(from).last().unwrap(), "8 4 4");
}

/// A member who was away when his window ended, with more behind him than one piece of the index
/// holds, and who misses the next window as well.
#[test]
fn reports_for_one_who_was_away_are_kept_over_the_ends_of_windows() {
    let mut world = open_world();
    world.is_checked = false;
    for _ in 0..400 {
        world.say(0, "1", |writer| {
            writer.bytes(tag::TEST_REQ_ID, b"hello");
        });
    }
    world.order(0, &ask("A", BUY, 10));
    let number = world.sites[0].venue.latest();
    world.cut_member(0);
    world.sites[0].venue.execute(number, 3);
    world.run();
    world.now_ns = FIRST.1;
    tell(&mut world);
    assert!(numbers(&world).1 < 256, "{:?}", numbers(&world));
    world.sites[0].venue.execute(number, 2);
    world.run();
    // He asks too early, which is no sign that he has read anything.
    world.members[0].begin_anew();
    world.connect_member(0, false);
    world.check();
    world.now_ns = SECOND.0;
    tell(&mut world);
    world.now_ns = SECOND.1;
    let third = (SECOND.1 + 10 * S, SECOND.1 + 100 * S);
    world.schedule(window(third));
    world.check();
    world.crash(false);
    world.now_ns = third.0;
    world.schedule(window(third));
    world.members[0].begin_anew();
    let from = world.members[0].log.len();
    world.connect_all();
    let quantities: Vec<_> = world.members[0].log[from..]
        .iter()
        .filter(|seen| seen.msg_type == "8")
        .map(|seen| seen.get(tag::CUM_QTY).to_owned())
        .collect();
    assert_eq!(quantities, ["3", "5"]);
    // Once he has been here they are his to fetch, and end with the window.
    world.now_ns = third.1;
    world.schedule(window((third.1 + S, third.1 + 2 * S)));
    world.say(0, "5", |_| {});
    assert_eq!(numbers(&world), (1, 1));
    world.check();
}

#[test]
fn what_was_sent_in_an_earlier_window_is_not_resent_under_the_new_numbers() {
    let mut world = open_world();
    world.order(0, &ask("A", BUY, 10));
    world.order(0, &ask("B", BUY, 10));
    world.now_ns = FIRST.1;
    tell(&mut world);
    world.say(0, "5", |_| {});
    world.now_ns = SECOND.0;
    tell(&mut world);
    world.members[0].begin_anew();
    world.connect_member(0, false);
    let from = world.members[0].arrived.len();
    world.say(0, "2", |writer| {
        writer.uint(tag::BEGIN_SEQ_NO, 1).uint(tag::END_SEQ_NO, 0);
    });
    let resent: Vec<_> = world.members[0].arrived[from..]
        .iter()
        .map(|seen| seen.msg_type.as_str())
        .collect();
    assert_eq!(resent, ["4"]);
}
