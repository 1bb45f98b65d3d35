//! OrderOrigin(20101)=3 and the registration that it needs.

use gwanmun_fix::tag;
use gwanmun_market::{AccountConduct, GateCode, Text};

use super::{WIDE, nobody, refused, told, world};
use crate::world::{BUY, World, ask};

fn send(world: &mut World, name: &str, origin: Option<u8>) -> String {
    let now_ns = world.now_ns;
    world.say(0, "D", |writer| {
        ask(name, BUY, 1).write(writer, now_ns);
        if let Some(origin) = origin {
            writer.char(tag::ORDER_ORIGIN, origin);
        }
    });
    told(world)
}

#[test]
fn a_flag_without_registration_is_refused_and_an_account_of_its_own_needs_the_flag() {
    let registered = AccountConduct {
        algorithm: Text::new(b"MM-01"),
        ..nobody()
    };
    let alone = AccountConduct {
        is_algorithm_only: true,
        ..registered
    };
    let unregistered = refused(GateCode::AlgorithmUnregistered);
    let unflagged = refused(GateCode::AlgorithmUnflagged);
    let new = "8 0 0";
    for (account, online, machine, emergency) in [
        (nobody(), new, unregistered.as_str(), new),
        (registered, new, new, new),
        (alone, unflagged.as_str(), new, new),
    ] {
        let mut world = world(WIDE, &[account]);
        assert_eq!(send(&mut world, "A", None), online);
        assert_eq!(send(&mut world, "B", Some(b'1')), online);
        assert_eq!(send(&mut world, "C", Some(b'3')), machine);
        assert_eq!(send(&mut world, "D", Some(b'2')), emergency);
        let count = world.entered().len();
        // The order keeps its flag over a replace and a restart.
        if machine == new {
            world.restart(false);
            world.replace(0, "C", &ask("E", BUY, 2));
            assert_eq!(told(&world), "8 5 0");
            let last = world.members[0].log.last().unwrap();
            assert_eq!(last.get(tag::ORDER_ORIGIN), "3");
        }
        assert_eq!(world.entered().len(), count);
    }
}
