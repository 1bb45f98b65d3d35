//! A fill that is told by a sum and by itself, in whichever order: it is booked once.

use gwanmun_fix::tag;
use gwanmun_gateway::VenueFinding;

use super::front;
use crate::fix_front::Fields;
use crate::world::{BUY, World, ask};

/// What a report says beyond its kind.
type Said<'a> = &'a [(u32, &'a str)];

const STATUS_4: Said<'_> = &[(150, "I"), (39, "1"), (14, "4"), (6, "71500"), (151, "6")];
const STATUS_9: Said<'_> = &[(150, "I"), (39, "1"), (14, "9"), (6, "71520"), (151, "1")];
const FIRST: Said<'_> = &[(150, "F"), (32, "4"), (31, "71500"), (14, "4"), (151, "6")];
const SECOND: Said<'_> = &[(150, "F"), (32, "5"), (31, "71536"), (14, "9"), (151, "1")];
const FIRST_AGAIN: Said<'_> = &[(97, "Y"), (150, "F"), (32, "4"), (31, "71500"), (14, "4")];
const FIRST_NO_SUM: Said<'_> = &[(150, "F"), (32, "4"), (31, "71500"), (151, "6")];
const LAST_ONE: Said<'_> = &[(150, "F"), (32, "1"), (31, "71500"), (14, "10"), (151, "0")];

fn tell(world: &mut World, said: Said<'_>) {
    let name = (11, "GW100000000001".to_owned());
    let rest = said.iter().map(|it| (it.0, it.1.to_owned()));
    let fields: Fields = core::iter::once(name).chain(rest).collect();
    front(world).tell("8", fields);
    world.run();
}

/// LastQty(32), LastPx(31) and CumQty(14) of every fill that the member is told.
fn fills(world: &World) -> Vec<String> {
    let log = world.members[0].log.iter();
    let fills = log.filter(|it| it.get(tag::EXEC_TYPE) == "F");
    let parts = fills.map(|it| [it.get(32), it.get(31), it.get(14)].join(" "));
    parts.collect()
}

/// One row: what the venue says, what the member is told, and whether the operator is told that a
/// fill was booked before.
#[test]
fn a_fill_is_booked_once_in_whichever_order_it_is_told() {
    let booked = Some(VenueFinding::FillBooked);
    let rows: [(&[Said<'_>], &[&str], Option<VenueFinding>); 9] = [
        (&[FIRST, STATUS_4], &["4 71500 4"], None),
        (&[STATUS_4, FIRST], &["4 71500 4"], booked),
        (&[STATUS_4, FIRST_AGAIN, STATUS_4], &["4 71500 4"], None),
        (&[STATUS_4, FIRST_NO_SUM], &["4 71500 4"], booked),
        (&[FIRST_NO_SUM, STATUS_4, FIRST_AGAIN], &["4 71500 4"], None),
        // Two fills, known by one sum: at what they cost together.
        (&[STATUS_9, FIRST, SECOND], &["9 71520 9"], booked),
        (
            &[FIRST, STATUS_9, SECOND],
            &["4 71500 4", "5 71536 9"],
            booked,
        ),
        // The second first: what was missed costs what the average leaves for it.
        (&[SECOND, FIRST], &["4 71536 4", "5 71536 9"], booked),
        (&[FIRST, FIRST], &["4 71500 4"], booked),
    ];
    for (row, (said, expected, finding)) in rows.into_iter().enumerate() {
        let mut world = World::with_fix_venue();
        world.order(0, &ask("A", BUY, 10));
        for report in said {
            tell(&mut world, report);
        }
        assert_eq!(fills(&world), expected, "row {row}");
        assert_eq!(world.gateway.take_venue_finding(0), finding, "row {row}");
        assert!(world.is_up(), "row {row}");
        // A death in between changes nothing of what is new.
        world.restart(false);
        for report in said {
            tell(&mut world, report);
        }
        assert_eq!(fills(&world), expected, "row {row} again");
        // What was missed before it is booked with it.
        tell(&mut world, LAST_ONE);
        assert_eq!(fills(&world).last().unwrap(), "1 71500 10", "row {row}");
    }
}
