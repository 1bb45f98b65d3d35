//! The largest effects: random days at an OUCH and at a FIX venue, with fills, replaces and cancels
//! under way, lines lost and settled with. No input causes more messages than the room of an effect
//! is argued for, resends apart, and what stands behind the last of them stays in its share.

use gwanmun_captures::effect::{EffectReader, Entry, RESEND};

use crate::terms;
use crate::world::World;
use crate::{random, restart};

/// As `gateway/src/effect.rs` argues with.
const MESSAGES_MAX: usize = 5;
const STATE_BYTES_MAX: usize = 1024;

/// Fresh messages of an effect, and the bytes behind the last of them; nothing for a resend.
fn fresh(effect: &[u8]) -> Option<(usize, usize)> {
    let (mut messages, mut behind) = (0, effect.len());
    for entry in EffectReader::new(effect) {
        if let Entry::Output {
            flags,
            bytes,
            offset,
            ..
        } = entry.unwrap()
        {
            if flags & RESEND != 0 {
                return None;
            }
            messages += 1;
            behind = effect.len() - (offset + bytes.len());
        }
    }
    (messages > 0).then_some((messages, behind))
}

#[test]
fn no_effect_has_more_than_its_room_is_argued_for() {
    let mut worlds = Vec::new();
    for seed in 1..=4 {
        worlds.push(random::played(terms::terms(), seed, 250, 1 << 20));
        worlds.push(random::played(terms::fix_venue(), seed, 250, 1 << 20));
    }
    let mut settled = World::with_fix_venue();
    restart::play(&mut settled);
    worlds.push(settled);
    let (mut messages_max, mut behind_max, mut bytes_max) = (0, 0, 0);
    for effect in worlds.iter().flat_map(|world| world.edge.effects()) {
        if let Some((messages, behind)) = fresh(&effect) {
            messages_max = messages_max.max(messages);
            behind_max = behind_max.max(behind);
            bytes_max = bytes_max.max(effect.len());
        }
    }
    let told = format!("{messages_max} messages, {behind_max} bytes behind, {bytes_max} in all");
    assert!((2..=MESSAGES_MAX).contains(&messages_max), "{told}");
    assert!(behind_max < STATE_BYTES_MAX, "{told}");
}
