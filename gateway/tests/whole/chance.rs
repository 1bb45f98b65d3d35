//! What random days have in common: numbers from a seed, and what a venue does of its own.

use gwanmun_market::Side;

use crate::venue::Mood;
use crate::world::World;

pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    /// One of the venues.
    pub(crate) fn site(&mut self, world: &World) -> usize {
        usize::try_from(self.below(world.sites.len() as u64)).unwrap()
    }

    /// Something happens to a live order: it is reduced one time in so many, else it executes.
    /// Tells what executed, if anything.
    pub(crate) fn venue_acts(
        &mut self,
        world: &mut World,
        reduced_one_in: u64,
    ) -> Option<(Side, u32)> {
        let site = self.site(world);
        let venue = &mut world.sites[site].venue;
        let live: Vec<u32> = venue.live.keys().copied().collect();
        if live.is_empty() {
            return None;
        }
        let number = self.pick(&live);
        let held = venue.live[&number];
        let left = u64::from(held.total - held.executed);
        let quantity = match self.below(3) {
            0 => left,
            _ => 1 + self.below(left),
        };
        let quantity = u32::try_from(quantity).unwrap();
        let is_reduced = self.below(reduced_one_in) == 0;
        if is_reduced {
            venue.reduce(number, quantity);
        } else {
            venue.execute(number, quantity);
        }
        let side = held.side;
        world.run();
        (!is_reduced).then_some((side, quantity))
    }

    /// A venue that was slow reads the next thing that waits for it.
    pub(crate) fn venue_reads(&mut self, world: &mut World) {
        let site = self.site(world);
        if world.sites[site].venue.step() {
            world.run();
        }
    }

    /// A venue is of another mood for its next order.
    pub(crate) fn venue_sulks(&mut self, world: &mut World) {
        let site = self.site(world);
        world.sites[site].venue.mood = self.pick(&[Mood::Refuses, Mood::Kills]);
    }
}

/// Every venue reads everything, and whose line is down comes back.
pub(crate) fn settle(world: &mut World) {
    for site in 0..world.sites.len() {
        world.sites[site].is_slow = false;
        world.run();
        if !world.is_up_at(site) {
            world.cut_venue_at(site, false);
            world.connect_venue_at(site);
        }
    }
}
