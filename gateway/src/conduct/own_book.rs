//! The working orders of each self-trade group and instrument, so that the best price of either
//! side is known at once.
//!
//! For each group, instrument and side a leftist heap, whose links stand in an array by the orders'
//! slots: nothing is allocated, and the best is its root. Putting an order in and taking any one
//! out cost at most as many steps as the right spines are long, twice the logarithm of the count: a
//! market maker with 10,000 orders in one instrument costs some 27 loads at worst, and whoever asks
//! pays for one. A list with a cached best was the alternative; it is walked whole whenever the
//! best leaves, which is what a market maker's does all day.
//!
//! What a heap holds is a function of the orders' images, and of the groups in the tables. Which
//! shape it has depends on how it came about, and is never asked for.
//!
//! An order works from the moment that it leaves until it is done, on whichever venue; under a
//! replace that is not answered it reaches as far as the farther of both prices.

use gwanmun_market::{OrdType, Price, Side};

use crate::orders::{Order, SlotIndex, TableFull, UNKNOWN};

/// No order, and no heap.
const NONE: u32 = u32::MAX;

/// How far an order reaches towards the other side, the larger the farther: a buy order as far as
/// its price, a sell order as far as the complement of its price, a market order as far as there
/// is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reach(i64);

impl Reach {
    const fn of_price(side: Side, ord_type: OrdType, price: Price) -> Reach {
        match ord_type {
            OrdType::Market => Reach(i64::MAX),
            OrdType::Limit if side.is_sell() => Reach(!price.0),
            OrdType::Limit => Reach(price.0),
        }
    }

    /// Of an order as it works now; `None` where it does not.
    fn of(order: &Order) -> Option<Reach> {
        if order.user_ref_num == 0 || order.working_qty() == 0 {
            return None;
        }
        let reach = |price| Reach::of_price(order.side, order.ord_type, price);
        let now = reach(order.price);
        Some(match order.pending_replace {
            Some(replace) => now.max(reach(replace.price)),
            None => now,
        })
    }
}

/// The best price of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Best {
    reach: Reach,
    side: Side,
}

impl Best {
    /// Whether an order of the other side at this price would reach it. Exact: prices are compared
    /// as they are, nothing is halved or rounded.
    pub(crate) const fn is_reached_by(&self, ord_type: OrdType, price: Price) -> bool {
        match ord_type {
            OrdType::Market => true,
            // A buy at p meets a sell at s, whose reach is !s, where p >= s; and so mirrored.
            OrdType::Limit if self.side.is_sell() => price.0 >= !self.reach.0,
            OrdType::Limit => price.0 <= self.reach.0,
        }
    }

    /// Its price; zero of a market order.
    pub(crate) const fn price(&self) -> Price {
        match self.reach.0 {
            i64::MAX => Price::ZERO,
            reach if self.side.is_sell() => Price(!reach),
            reach => Price(reach),
        }
    }

    #[cfg(test)]
    pub(crate) const fn at(side: Side, ord_type: OrdType, price: Price) -> Best {
        Best {
            reach: Reach::of_price(side, ord_type, price),
            side,
        }
    }
}

/// One order in its heap. Its slot is its index.
#[derive(Clone, Copy, Debug)]
struct Node {
    reach: Reach,
    /// Heap that it is in, or [`NONE`].
    heap: u32,
    parent: u32,
    left: u32,
    right: u32,
    /// Length of the right spine from here: that of [`NONE`] is 0, and a left child's is never less
    /// than a right one's.
    rank: u32,
}

const FILLER: Node = Node {
    reach: Reach(i64::MIN),
    heap: NONE,
    parent: NONE,
    left: NONE,
    right: NONE,
    rank: 0,
};

/// Both heaps of a group and instrument.
#[derive(Clone, Copy, Debug)]
struct Pair {
    group: u16,
    instrument: u16,
    /// Buys and sells.
    roots: [u32; 2],
}

const FREE: Pair = Pair {
    group: UNKNOWN,
    instrument: UNKNOWN,
    roots: [NONE; 2],
};

/// All of them.
pub(crate) struct OwnBook {
    /// By slot.
    nodes: Box<[Node]>,
    /// Invariant: a power of two, at least twice as many as there may be positions, each pair of
    /// which has one.
    pairs: Box<[Pair]>,
}

impl OwnBook {
    /// Room for so many orders and positions.
    pub(crate) fn new(orders_max: usize, positions_max: usize) -> OwnBook {
        let length = (positions_max.max(1) * 2).next_power_of_two();
        OwnBook {
            nodes: vec![FILLER; orders_max].into_boxed_slice(),
            pairs: vec![FREE; length].into_boxed_slice(),
        }
    }

    /// Takes every order out.
    pub(crate) fn clear(&mut self) {
        self.nodes.fill(FILLER);
        self.pairs.fill(FREE);
    }

    fn node(&self, at: u32) -> Node {
        let node = usize::try_from(at).ok().and_then(|at| self.nodes.get(at));
        node.copied().unwrap_or(FILLER)
    }

    fn change_node(&mut self, at: u32, change: impl FnOnce(&mut Node)) {
        let node = usize::try_from(at)
            .ok()
            .and_then(|at| self.nodes.get_mut(at));
        if let Some(node) = node {
            change(node);
        }
    }

    /// Where a pair stands, or would; `None` where all places are taken.
    fn find(&self, group: u16, instrument: u16) -> Option<usize> {
        let mask = self.pairs.len() - 1;
        let key = u64::from(group) << 16 | u64::from(instrument);
        let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let mut at = usize::try_from(hash).unwrap_or(0) & mask;
        for _ in 0..=mask {
            let pair = self.pairs.get(at)?;
            let is_it = pair.group == group && pair.instrument == instrument;
            if is_it || pair.group == UNKNOWN {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// The best working order of the side that an order of `side` would trade with.
    pub(crate) fn best_against(&self, group: u16, instrument: u16, side: Side) -> Option<Best> {
        let pair = self.pairs.get(self.find(group, instrument)?)?;
        let [buys, sells] = pair.roots;
        let (root, side) = if side.is_sell() {
            (buys, Side::Buy)
        } else {
            (sells, Side::Sell)
        };
        let reach = self.node(root).reach;
        (root != NONE).then_some(Best { reach, side })
    }

    /// An order has been put into its slot.
    ///
    /// # Errors
    /// [`TableFull`] where there are more groups with orders in an instrument than positions.
    pub(crate) fn change(
        &mut self,
        slot: SlotIndex,
        group: Option<u16>,
        order: &Order,
    ) -> Result<(), TableFull> {
        let reach = Reach::of(order).filter(|_| group.is_some());
        let node = self.node(slot.0);
        let was = (node.heap != NONE).then_some(node.reach);
        if was == reach {
            return Ok(());
        }
        if was.is_some() {
            self.take_out(slot.0, node);
        }
        let Some((reach, group)) = reach.zip(group) else {
            return Ok(());
        };
        let at = self.find(group, order.instrument).ok_or(TableFull)?;
        let pair = self.pairs.get_mut(at).ok_or(TableFull)?;
        (pair.group, pair.instrument) = (group, order.instrument);
        let side = usize::from(order.side.is_sell());
        let root = pair.roots.get(side).copied().unwrap_or(NONE);
        let heap = u32::try_from(at * 2 + side).map_err(|_| TableFull)?;
        self.change_node(slot.0, |node| {
            *node = Node {
                reach,
                heap,
                rank: 1,
                ..FILLER
            };
        });
        self.insert(heap, root, slot.0);
        Ok(())
    }

    fn set_root(&mut self, heap: u32, root: u32) {
        self.change_node(root, |node| node.parent = NONE);
        let at = usize::try_from(heap).unwrap_or(usize::MAX);
        let root_of = self.pairs.get_mut(at / 2).map(|pair| &mut pair.roots);
        if let Some(into) = root_of.and_then(|roots| roots.get_mut(at % 2)) {
            *into = root;
        }
    }

    /// Takes a node out of its heap: its two children's heaps, merged, take its place.
    fn take_out(&mut self, at: u32, node: Node) {
        self.change_node(at, |node| *node = FILLER);
        let merged = self.merge(node.left, node.right);
        if node.parent == NONE {
            return self.set_root(node.heap, merged);
        }
        self.change_node(merged, |merged| merged.parent = node.parent);
        self.change_node(node.parent, |parent| {
            if parent.left == at {
                parent.left = merged;
            } else {
                parent.right = merged;
            }
        });
        self.put_right_upwards(node.parent, true);
    }

    /// Puts a node that is alone into a heap: where it belongs on the right spine, which it takes
    /// over as its left child. Nodes above are put right as far as something changes, which for one
    /// node is not far as a rule.
    fn insert(&mut self, heap: u32, root: u32, at: u32) {
        let reach = self.node(at).reach;
        let (mut above, mut below) = (NONE, root);
        while below != NONE && self.node(below).reach >= reach {
            (above, below) = (below, self.node(below).right);
        }
        if below != NONE {
            self.change_node(at, |node| node.left = below);
            self.change_node(below, |node| node.parent = at);
        }
        if above == NONE {
            return self.set_root(heap, at);
        }
        self.change_node(at, |node| node.parent = above);
        self.change_node(above, |node| node.right = at);
        self.put_right_upwards(above, true);
    }

    /// One heap out of two: their right spines as one, in order, from the top; then every node of
    /// it is put right from the bottom. Gives the root, whose parent is not set.
    fn merge(&mut self, one: u32, other: u32) -> u32 {
        let (mut upper, mut rest) = match (one, other) {
            (NONE, only) | (only, NONE) => return only,
            _ if self.node(one).reach >= self.node(other).reach => (one, other),
            _ => (other, one),
        };
        let root = upper;
        self.change_node(root, |node| node.parent = NONE);
        loop {
            let right = self.node(upper).right;
            if right != NONE && self.node(right).reach >= self.node(rest).reach {
                upper = right;
                continue;
            }
            self.change_node(upper, |node| node.right = rest);
            self.change_node(rest, |node| node.parent = upper);
            if right == NONE {
                break;
            }
            (upper, rest) = (rest, right);
        }
        self.put_right_upwards(upper, false);
        root
    }

    /// From a node upwards: the longer child to the left, and the rank as the right one has it. As
    /// far as something changes where `may_stop`, else to the root.
    fn put_right_upwards(&mut self, from: u32, may_stop: bool) {
        let mut at = from;
        while at != NONE {
            let node = self.node(at);
            let (left, right) = (self.node(node.left).rank, self.node(node.right).rank);
            let is_swapped = left < right;
            let rank = left.min(right) + 1;
            if is_swapped || rank != node.rank {
                self.change_node(at, |node| {
                    node.rank = rank;
                    if is_swapped {
                        core::mem::swap(&mut node.left, &mut node.right);
                    }
                });
            }
            if may_stop && rank == node.rank {
                return;
            }
            at = node.parent;
        }
    }
}

#[cfg(test)]
#[path = "own_book/tests.rs"]
mod tests;
