//! What becomes of new orders, cancels and replaces when nothing gets in their way.

use gwanmun_fix::tag;
use gwanmun_market::GateCode;

use crate::member::refused;
use crate::terms::{DISABLED, FUTURE, LAST};
use crate::venue::Mood;
use crate::world::{Ask, BUY, SELL, World, ask};

/// Plays `script` and holds what member 0 was told about orders against `expected`.
fn check(script: impl FnOnce(&mut World), expected: &[&str]) -> World {
    let mut world = World::new();
    let from = world.members[0].log.len();
    script(&mut world);
    assert_eq!(world.members[0].briefs(from), expected);
    world
}

#[test]
fn an_order_is_new_fills_in_parts_and_is_filled() {
    let world = check(
        |world| {
            world.order(0, &ask("A", BUY, 10));
            let number = world.sites[0].venue.latest();
            world.sites[0].venue.execute(number, 4);
            world.sites[0].venue.execute(number, 6);
            world.run();
        },
        &["8 0 0", "8 F 1", "8 F 2"],
    );
    let log = &world.members[0].log;
    let filled = log.last().unwrap();
    assert_eq!(filled.get(tag::ORDER_ID), "GW100000000001");
    assert_eq!(filled.get(tag::CUM_QTY), "10");
    assert_eq!(filled.get(tag::LEAVES_QTY), "0");
    assert_eq!(filled.get(tag::LAST_QTY), "6");
    assert_eq!(filled.get(tag::AVG_PX), "71600");
    let ids: Vec<&str> = log[1..].iter().map(|seen| seen.get(tag::EXEC_ID)).collect();
    assert_eq!(ids, ["X0000000000001", "X0000000000002", "X0000000000003"]);
    // Member 1 hears nothing about it.
    assert_eq!(world.members[1].briefs(0), [""; 0]);
}

/// `no_send_without_check`: no way to the venue's bytes but through the token that the checks make;
/// and what they refuse leaves no byte there.
#[test]
fn no_send_without_check() {
    let good = ask("A", BUY, 10);
    let share = |price| Ask { price, ..good };
    let mut names = 0;
    for (order, expected) in [
        (
            Ask {
                account: "NOBODY",
                ..good
            },
            GateCode::AccountUnknown,
        ),
        (
            Ask {
                account: DISABLED,
                ..good
            },
            GateCode::AccountDisabled,
        ),
        (
            Ask {
                symbol: "999999",
                ..good
            },
            GateCode::UnknownSymbol,
        ),
        (share(LAST + 50), GateCode::Tick),
        (share(-LAST), GateCode::PriceSign),
        (share(75_200), GateCode::PriceCollar),
        (share(68_000), GateCode::PriceCollar),
        (ask("A", SELL, 1_001), GateCode::SellableBalance),
        (ask("A", b'5', 1_001), GateCode::BorrowNeeded),
    ] {
        let world = check(|world| world.order(0, &order), &[&refused(expected)]);
        assert_eq!(world.entered(), [], "{order:?}");
        let report = world.members[0].log.last().unwrap();
        assert_eq!(report.get(tag::ORDER_ID), "GW100000000001", "{order:?}");
        assert!(report.get(tag::TEXT).starts_with(expected.name()));
        names += 1;
    }
    assert_eq!(names, 9);
    // Replaces go through the same checks.
    for (price, quantity, expected) in [
        (LAST + 50, 10, GateCode::Tick),
        (75_200, 10, GateCode::PriceCollar),
        (LAST, 1_001, GateCode::SellableBalance),
    ] {
        let world = check(
            |world| {
                world.order(0, &ask("A", SELL, 10));
                let to = Ask {
                    price,
                    ..ask("B", SELL, quantity)
                };
                world.replace(0, "A", &to);
            },
            &["8 0 0", &format!("9 2 0 {}", expected.number())],
        );
        assert_eq!(world.sites[0].venue.priced.len(), 1);
    }
}

#[test]
fn holdings_are_sold_up_to_the_last_share_and_a_future_from_nothing() {
    let refused = refused(GateCode::SellableBalance);
    check(
        |world| {
            world.order(0, &ask("A", SELL, 600));
            world.order(0, &ask("B", SELL, 401));
            world.order(0, &ask("C", SELL, 400));
            world.order(0, &ask("D", SELL, 1));
            let future = Ask {
                symbol: FUTURE,
                price: 350,
                ..ask("E", SELL, 5)
            };
            world.order(0, &future);
        },
        &["8 0 0", &refused, "8 0 0", &refused, "8 0 0"],
    );
}

/// PossResend(97)=Y (test case 19): an order that is here already is told as it stands, not refused
/// as if it had ended; one that is not here is a new one.
#[test]
fn a_possible_resend_is_told_how_its_order_stands() {
    let again = |world: &mut World, name: &str| {
        let (order, now_ns) = (ask(name, BUY, 10), world.now_ns);
        world.say(0, "D", |writer| {
            writer.boolean(tag::POSS_RESEND, true);
            order.write(writer, now_ns);
        });
    };
    let world = check(
        |world| {
            world.order(0, &ask("A", BUY, 10));
            again(world, "A");
            world.cancel(0, "X", "A", &ask("A", BUY, 10));
            again(world, "A");
            again(world, "B");
            // A member who is not sure of a name says so; one who is, is refused.
            world.order(0, &ask("B", BUY, 10));
        },
        &[
            "8 0 0",
            "8 I 0",
            "8 4 4",
            "8 I 4",
            "8 0 0",
            &refused(GateCode::DuplicateOrder),
        ],
    );
    assert_eq!(world.entered().len(), 2, "nothing is entered twice");
    let status = &world.members[0].log[2];
    let order = &world.members[0].log[1];
    assert_eq!(status.get(tag::ORDER_ID), order.get(tag::ORDER_ID));
    assert_eq!(status.get(tag::LEAVES_QTY), "10");
}

#[test]
fn a_name_is_used_once_a_day() {
    let duplicate = refused(GateCode::DuplicateOrder);
    let world = check(
        |world| {
            world.order(0, &ask("A", BUY, 10));
            world.order(0, &ask("A", BUY, 10));
            world.cancel(0, "A", "A", &ask("A", BUY, 10));
            world.cancel(0, "X", "A", &ask("A", BUY, 10));
            world.order(0, &ask("X", BUY, 10));
            world.order(1, &ask("A", BUY, 10));
        },
        &["8 0 0", &duplicate, "9 1 0 1", "8 4 4", &duplicate],
    );
    assert_eq!(world.members[1].briefs(0), ["8 0 0"]);
    assert_eq!(world.entered().len(), 2);
    let none = world.members[0].log.last().unwrap();
    assert_eq!(none.get(tag::ORDER_ID), "NONE");
}

#[test]
fn cancels_and_replaces_are_answered_by_the_venue() {
    let order = ask("A", BUY, 10);
    let world = check(
        |world| {
            world.order(0, &order);
            let to = Ask {
                price: LAST - 100,
                ..ask("B", BUY, 20)
            };
            world.replace(0, "A", &to);
            world.cancel(0, "C", "B", &order);
        },
        &["8 0 0", "8 5 0", "8 4 4"],
    );
    let log = &world.members[0].log;
    let [replaced, canceled] = &log[log.len() - 2..] else {
        panic!()
    };
    assert_eq!(replaced.get(tag::CL_ORD_ID), "B");
    assert_eq!(replaced.get(tag::ORIG_CL_ORD_ID), "A");
    assert_eq!(replaced.get(tag::PRICE), "71500");
    assert_eq!(replaced.get(tag::ORDER_QTY), "20");
    assert_eq!(canceled.get(tag::CL_ORD_ID), "C");
    assert_eq!(canceled.get(tag::ORIG_CL_ORD_ID), "B");
    assert!(world.sites[0].venue.live.is_empty());
}

#[test]
fn what_can_be_said_against_a_request() {
    let order = ask("A", BUY, 10);
    let unknown = format!("9 1 8 {}", GateCode::UnknownOrder.number());
    let mismatch = |to: u8| format!("9 {to} 0 {}", GateCode::RequestMismatch.number());
    let too_late = format!("9 1 4 {}", GateCode::TooLate.number());
    let (of_cancel, of_replace) = (mismatch(1), mismatch(2));
    check(
        |world| {
            world.cancel(0, "C1", "NOWHERE", &order);
            // It used nothing up, so the name is still free.
            world.order(
                0,
                &Ask {
                    cl_ord_id: "C1",
                    ..order
                },
            );
            world.order(0, &order);
            world.cancel(0, "C2", "A", &ask("A", SELL, 10));
            let elsewhere = Ask {
                symbol: FUTURE,
                ..order
            };
            world.cancel(0, "C3", "A", &elsewhere);
            let market = Ask {
                ord_type: b'1',
                ..ask("R1", BUY, 10)
            };
            world.replace(0, "A", &market);
            world.cancel(1, "C4", "A", &order);
            world.cancel(0, "C5", "A", &order);
            world.cancel(0, "C6", "A", &order);
            world.cancel(0, "C7", "C5", &order);
        },
        &[
            &unknown,
            "8 0 0",
            "8 0 0",
            &of_cancel,
            &of_cancel,
            &of_replace,
            "8 4 4",
            &too_late,
            &too_late,
        ],
    );
}

#[test]
fn the_venue_has_its_own_mind() {
    check(
        |world| {
            world.sites[0].venue.mood = Mood::Refuses;
            world.order(0, &ask("A", BUY, 10));
            world.sites[0].venue.mood = Mood::Kills;
            world.order(0, &ask("B", BUY, 10));
            world.order(0, &ask("C", BUY, 10));
            world.sites[0].venue.mood = Mood::Refuses;
            world.replace(0, "C", &ask("D", BUY, 20));
            world.sites[0].venue.mood = Mood::Kills;
            world.replace(0, "C", &ask("E", BUY, 20));
        },
        &[
            "8 8 8 12", "8 0 0", "8 4 4", "8 0 0", "9 2 0 12", "8 5 0", "8 4 4",
        ],
    );
}

#[test]
fn the_venue_takes_off_a_part_and_then_the_rest() {
    let world = check(
        |world| {
            world.order(0, &ask("A", SELL, 10));
            let number = world.sites[0].venue.latest();
            world.sites[0].venue.execute(number, 3);
            world.sites[0].venue.reduce(number, 2);
            world.sites[0].venue.reduce(number, 5);
            world.run();
        },
        &["8 0 0", "8 F 1", "8 D 1", "8 4 4"],
    );
    let log = &world.members[0].log;
    let restated = &log[log.len() - 2];
    assert_eq!(restated.get(tag::ORDER_QTY), "8");
    assert_eq!(restated.get(tag::LEAVES_QTY), "5");
    assert_eq!(restated.get(tag::EXEC_RESTATEMENT_REASON), "5");
}

#[test]
fn what_fix_has_and_we_have_not_gets_the_answer_its_sender_waits_for() {
    let world = check(
        |world| {
            let good_till_date = Ask {
                time_in_force: b'6',
                ..ask("A", BUY, 10)
            };
            world.order(0, &good_till_date);
            // Not used up: the corrected order may have the same name.
            world.order(0, &ask("A", BUY, 10));
            let stop = Ask {
                ord_type: b'3',
                ..ask("B", BUY, 10)
            };
            world.replace(0, "A", &stop);
            world.cancel(0, "C", "A", &ask("A", b'7', 10));
            world.order(0, &ask("D", b'7', 10));
        },
        &["8 8 8 13", "8 0 0", "9 2 0 13", "9 1 0 13", "j"],
    );
    let log = &world.members[0].log;
    let texts: Vec<&str> = log[1..].iter().map(|seen| seen.get(tag::TEXT)).collect();
    assert_eq!(
        texts,
        [
            "UNSUPPORTED: TimeInForce(59)=6",
            "",
            "UNSUPPORTED: OrdType(40)=3",
            "UNSUPPORTED: Side(54)=7",
            "UNSUPPORTED: Side(54)=7",
        ]
    );
    assert_eq!(log[1].get(tag::ORD_REJ_REASON), "11");
    assert_eq!(log[1].get(tag::ORDER_ID), "NONE");
    assert_eq!(log[3].get(tag::ORDER_ID), "GW100000000001");
    assert_eq!(log[5].get(tag::BUSINESS_REJECT_REF_ID), "D");
}

#[test]
fn a_market_order_and_a_fill_or_kill_order_look_so_at_the_venue() {
    check(
        |world| {
            let market = Ask {
                ord_type: b'1',
                time_in_force: b'3',
                ..ask("A", BUY, 10)
            };
            world.order(0, &market);
            let fill_or_kill = Ask {
                time_in_force: b'4',
                ..ask("B", BUY, 10)
            };
            world.order(0, &fill_or_kill);
            assert_eq!(
                world.sites[0].venue.priced[0].1,
                gwanmun_binary::ouch::MARKET_PRICE
            );
            assert_eq!(world.sites[0].venue.live.len(), 2);
        },
        &["8 0 0", "8 0 0"],
    );
}
