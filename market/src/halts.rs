//! Halts by kind, as a venue's feed tells them.
//!
//! In it: [`Halt`], one word of a feed about one kind of halt and whom it stops, and [`HaltSet`],
//! all that stops one instrument at one venue. Not in it: what is refused for each kind, which the
//! gateway's checks say.

use crate::{Symbol, Text};

/// An instrument's matching group or market segment, as a halt names it.
pub type AreaName = Text<8>;

/// Why a venue takes no orders, or not all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HaltKind {
    /// Volatility interruption (변동성완화장치, VI) of one instrument.
    VolatilityInterruption,
    /// Circuit breaker (서킷브레이커): its level is the stage, 1 to 3.
    CircuitBreaker,
    /// Sidecar (사이드카): programme orders of the sides told are held.
    Sidecar,
    /// The matching engine of a group of instruments takes no orders.
    MatchingGroup,
    /// Our firm may not enter orders of the sides told (회원사 제재).
    MemberSanction,
    /// Suspended by the venue while the day runs (거래정지).
    Suspension,
}

impl HaltKind {
    /// Every kind with the feed's byte and the word that files have for it.
    pub const ALL: [(HaltKind, u8, &'static str); 6] = [
        (
            HaltKind::VolatilityInterruption,
            b'V',
            "volatility_interruption",
        ),
        (HaltKind::CircuitBreaker, b'C', "circuit_breaker"),
        (HaltKind::Sidecar, b'P', "sidecar"),
        (HaltKind::MatchingGroup, b'G', "matching_group"),
        (HaltKind::MemberSanction, b'M', "member_sanction"),
        (HaltKind::Suspension, b'S', "suspension"),
    ];

    /// The feed's byte.
    #[must_use]
    pub fn to_byte(self) -> u8 {
        let its = HaltKind::ALL.iter().find(|(kind, ..)| *kind == self);
        its.map_or(b'?', |(_, byte, _)| *byte)
    }

    /// Reads the feed's byte.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<HaltKind> {
        let its = HaltKind::ALL.iter().find(|(_, known, _)| *known == byte);
        its.map(|(kind, ..)| *kind)
    }

    /// The highest level that the kind has: three stages of a circuit breaker, else only "on".
    #[must_use]
    pub const fn level_max(self) -> u8 {
        match self {
            HaltKind::CircuitBreaker => 3,
            _ => 1,
        }
    }
}

/// Which instruments a halt stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HaltScope {
    /// One instrument.
    Instrument(Symbol),
    /// All of a matching group.
    Group(AreaName),
    /// All of a market segment; of the whole venue where the name is empty.
    Market(AreaName),
}

impl HaltScope {
    /// The feed's byte and name: `I`, `G` or `M`.
    #[must_use]
    pub const fn to_parts(self) -> (u8, Text<8>) {
        match self {
            HaltScope::Instrument(symbol) => (b'I', symbol),
            HaltScope::Group(name) => (b'G', name),
            HaltScope::Market(name) => (b'M', name),
        }
    }

    /// Reads the feed's byte and name; an instrument or a group without a name is none.
    #[must_use]
    pub const fn from_parts(byte: u8, name: Text<8>) -> Option<HaltScope> {
        match byte {
            b'I' if !name.is_empty() => Some(HaltScope::Instrument(name)),
            b'G' if !name.is_empty() => Some(HaltScope::Group(name)),
            b'M' => Some(HaltScope::Market(name)),
            _ => None,
        }
    }

    /// Whether an instrument is stopped: by its symbol, group and segment. One of which the group
    /// or segment is not known is stopped with each, since it may be of it.
    #[must_use]
    pub fn covers(self, symbol: Symbol, group: AreaName, segment: AreaName) -> bool {
        match self {
            HaltScope::Instrument(only) => only == symbol,
            HaltScope::Group(name) => group.is_empty() || name == group,
            HaltScope::Market(name) => name.is_empty() || segment.is_empty() || name == segment,
        }
    }
}

/// Which orders a sidecar or a sanction stops; the other kinds stop both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HaltSides {
    /// Both.
    Both,
    /// Buy orders (bid).
    Buy,
    /// Sell orders (ask).
    Sell,
}

impl HaltSides {
    /// The feed's byte: `A`, `B` or `S`.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        match self {
            HaltSides::Both => b'A',
            HaltSides::Buy => b'B',
            HaltSides::Sell => b'S',
        }
    }

    /// Buys, then sells.
    const fn bits(self) -> u16 {
        match self {
            HaltSides::Both => 3,
            HaltSides::Buy => 1,
            HaltSides::Sell => 2,
        }
    }

    /// Reads the feed's byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<HaltSides> {
        match byte {
            b'A' => Some(HaltSides::Both),
            b'B' => Some(HaltSides::Buy),
            b'S' => Some(HaltSides::Sell),
            _ => None,
        }
    }
}

/// One word of a venue's feed on one kind of halt; it replaces the one before on this kind and
/// scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Why.
    pub kind: HaltKind,
    /// Whom.
    pub scope: HaltScope,
    /// 0: lifted. 1: in force; of a circuit breaker the stage, 1 to 3.
    pub level: u8,
    /// Which orders.
    pub sides: HaltSides,
    /// Whether every other venue must halt with this one, as Nextrade must when KRX does.
    pub is_everywhere: bool,
}

impl Halt {
    /// What it stops; nothing once it is lifted.
    #[must_use]
    pub const fn set(self) -> HaltSet {
        if self.level == 0 {
            return HaltSet::NONE;
        }
        HaltSet(match self.kind {
            HaltKind::VolatilityInterruption => 1,
            // Every stage has the bits of those below, so that the union of two is the higher.
            HaltKind::CircuitBreaker => match self.level {
                1 => 1 << 1,
                2 => 3 << 1,
                _ => 7 << 1,
            },
            HaltKind::Sidecar => self.sides.bits() << 4,
            HaltKind::MatchingGroup => 1 << 6,
            HaltKind::MemberSanction => self.sides.bits() << 7,
            HaltKind::Suspension => 1 << 9,
        })
    }
}

/// All that stops one instrument at one venue: bit 0 volatility interruption, 1 to 3 circuit
/// breaker by stage, 4 and 5 sidecar of buys and sells, 6 matching group, 7 and 8 member sanction
/// of buys and sells, 9 suspension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HaltSet(u16);

impl HaltSet {
    /// Nothing.
    pub const NONE: HaltSet = HaltSet(0);
    const ALL: u16 = (1 << 10) - 1;

    /// Whether nothing stops it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Both together.
    #[must_use]
    pub const fn with(self, other: HaltSet) -> HaltSet {
        HaltSet(self.0 | other.0)
    }

    /// The set without anything of a kind.
    #[must_use]
    pub const fn without(self, kind: HaltKind) -> HaltSet {
        let all_of_it = Halt {
            kind,
            scope: HaltScope::Market(AreaName::EMPTY),
            level: kind.level_max(),
            sides: HaltSides::Both,
            is_everywhere: false,
        };
        HaltSet(self.0 & !all_of_it.set().0)
    }

    /// As a number, for images.
    #[must_use]
    pub const fn to_bits(self) -> u16 {
        self.0
    }

    /// The set of a number; `None` where a bit stands for nothing, or a stage has not those below.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Option<HaltSet> {
        let stages = (bits >> 1) & 7;
        if bits & !HaltSet::ALL == 0 && matches!(stages, 0 | 1 | 3 | 7) {
            Some(HaltSet(bits))
        } else {
            None
        }
    }

    /// Whether a volatility interruption runs.
    #[must_use]
    pub const fn has_volatility_interruption(self) -> bool {
        self.0 & 1 != 0
    }

    /// Stage of the circuit breaker, 0 to 3.
    #[must_use]
    pub const fn circuit_breaker_stage(self) -> u32 {
        ((self.0 >> 1) & 7).count_ones()
    }

    /// Whether programme orders of a side are held.
    #[must_use]
    pub const fn has_sidecar(self, is_sell: bool) -> bool {
        self.0 & (1 << (4 + is_sell as u16)) != 0
    }

    /// Whether its matching group takes no orders.
    #[must_use]
    pub const fn has_matching_group(self) -> bool {
        self.0 & (1 << 6) != 0
    }

    /// Whether our firm may not enter orders of a side.
    #[must_use]
    pub const fn has_member_sanction(self, is_sell: bool) -> bool {
        self.0 & (1 << (7 + is_sell as u16)) != 0
    }

    /// Whether it is suspended.
    #[must_use]
    pub const fn has_suspension(self) -> bool {
        self.0 & (1 << 9) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halt(kind: HaltKind, level: u8, sides: HaltSides) -> HaltSet {
        let scope = HaltScope::Market(AreaName::EMPTY);
        Halt {
            kind,
            scope,
            level,
            sides,
            is_everywhere: false,
        }
        .set()
    }

    #[test]
    fn each_kind_is_taken_off_alone() {
        let mut all = HaltSet::NONE;
        for (kind, byte, _) in HaltKind::ALL {
            assert_eq!(HaltKind::from_byte(byte), Some(kind));
            assert_eq!(kind.to_byte(), byte);
            assert_eq!(halt(kind, 0, HaltSides::Both), HaltSet::NONE);
            let set = halt(kind, kind.level_max(), HaltSides::Both);
            assert!(all.with(set) != all && set.without(kind).is_empty());
            assert_eq!(all.with(set).without(kind), all, "{kind:?}");
            all = all.with(set);
        }
        assert_eq!(HaltSet::from_bits(all.to_bits()), Some(all));
        for no_set in [all.to_bits() + 1, 0b100, 0b1000, 0b1010] {
            assert_eq!(HaltSet::from_bits(no_set), None);
        }
    }

    #[test]
    fn the_union_of_two_stages_is_the_higher() {
        let stage = |level| halt(HaltKind::CircuitBreaker, level, HaltSides::Both);
        for low in 0..=3 {
            for high in low..=3 {
                let both = stage(low).with(stage(high));
                assert_eq!(both.circuit_breaker_stage(), u32::from(high));
            }
        }
    }

    #[test]
    fn a_side_stops_that_side() {
        for (sides, buy, sell) in [
            (HaltSides::Both, true, true),
            (HaltSides::Buy, true, false),
            (HaltSides::Sell, false, true),
        ] {
            assert_eq!(HaltSides::from_byte(sides.to_byte()), Some(sides));
            let sidecar = halt(HaltKind::Sidecar, 1, sides);
            let sanction = halt(HaltKind::MemberSanction, 1, sides);
            for (is_sell, expected) in [(false, buy), (true, sell)] {
                assert_eq!(sidecar.has_sidecar(is_sell), expected);
                assert!(!sidecar.has_member_sanction(is_sell));
                assert_eq!(sanction.has_member_sanction(is_sell), expected);
                assert!(!sanction.has_sidecar(is_sell));
            }
        }
    }

    #[test]
    fn a_scope_covers_what_it_names() {
        let name = |text: &str| Text::new(text.as_bytes()).unwrap();
        let (symbol, group, segment) = (name("005930"), name("1"), name("KOSPI"));
        let covers = |byte, text| {
            let scope = HaltScope::from_parts(byte, name(text)).unwrap();
            assert_eq!(scope.to_parts(), (byte, name(text)));
            scope.covers(symbol, group, segment)
        };
        for (byte, text, expected) in [
            (b'I', "005930", true),
            (b'I', "1", false),
            (b'G', "1", true),
            (b'G', "2", false),
            (b'M', "KOSPI", true),
            (b'M', "KOSDAQ", false),
            (b'M', "", true),
        ] {
            assert_eq!(covers(byte, text), expected, "{byte} {text}");
        }
        // Of what its group and segment are nobody has said: any of them may stop it.
        for (byte, text) in [(b'G', "2"), (b'M', "KOSDAQ")] {
            let scope = HaltScope::from_parts(byte, name(text)).unwrap();
            assert!(scope.covers(symbol, Text::EMPTY, Text::EMPTY));
        }
        for byte in *b"IG?" {
            assert_eq!(HaltScope::from_parts(byte, Text::EMPTY), None);
        }
    }
}
