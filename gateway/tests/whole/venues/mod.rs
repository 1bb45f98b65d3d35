//! Two venues: which of them an order goes to, and that each is by itself in everything but the
//! holdings.
//!
//! `routing` is the choice, `apart` what one venue does not share with the other, `restarts` both
//! of them over deaths of the process.

mod apart;
mod restarts;
mod routing;

use gwanmun_fix::tag;

use crate::terms::{KRX, NXT};
use crate::world::{Ask, World};

const AT_KRX: usize = 0;
const AT_NXT: usize = 1;

fn at<'a>(venue: &'a str, order: Ask<'a>) -> Ask<'a> {
    Ask { venue, ..order }
}

/// Where the next order of `asked` goes: the venue's name, or what the member is told instead.
fn goes(world: &mut World, asked: &Ask<'_>) -> String {
    let entered = |world: &World| {
        let of = |site: usize| world.sites[site].venue.entered.len();
        [of(AT_KRX), of(AT_NXT)]
    };
    let (before, from) = (entered(world), world.members[0].log.len());
    world.order(0, asked);
    let after = entered(world);
    let told = world.members[0].log[from..].to_vec();
    assert_eq!(told.len(), 1, "{told:?}");
    let is_new = told[0].brief() == "8 0 0";
    let name = match (after[0] - before[0], after[1] - before[1]) {
        (1, 0) => KRX,
        (0, 1) => NXT,
        (0, 0) => {
            assert!(!is_new);
            assert_eq!(told[0].get(tag::LAST_MKT), "");
            return told[0].brief();
        }
        twice => panic!("at both: {twice:?}"),
    };
    assert!(is_new, "{told:?}");
    assert_eq!(told[0].get(tag::LAST_MKT), name);
    // FIX 4.4 has none in a report.
    assert_eq!(told[0].get(tag::EX_DESTINATION), "");
    name.to_owned()
}
