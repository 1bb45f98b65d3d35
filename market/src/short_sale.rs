//! What a sale may be made of, and when a venue takes a short sale (공매도).

use crate::Phase;

/// Where shares that may be sold come from. Each is a source of its own, since what may be
/// sold from it is not the same: only the last one makes a sale short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldingSource {
    /// Held and settled.
    Settled,
    /// Bought on a day before and not settled yet (결제 전 매수).
    Unsettled,
    /// Rights to shares that are certain to come: a rights issue, a conversion, a redemption.
    Rights,
    /// Lent out and called back, certain to return in time for settlement.
    Recalled,
    /// Borrowed, the loan confirmed (차입).
    Borrowed,
}

impl HoldingSource {
    /// Every source, in the order in which a sale is said to use them.
    pub const ALL: [HoldingSource; 5] = [
        HoldingSource::Settled,
        HoldingSource::Unsettled,
        HoldingSource::Rights,
        HoldingSource::Recalled,
        HoldingSource::Borrowed,
    ];

    /// Every source by the word that tables, journals and commands have for it.
    pub const WORDS: [(&'static str, HoldingSource); 5] = [
        ("settled", HoldingSource::Settled),
        ("unsettled", HoldingSource::Unsettled),
        ("rights", HoldingSource::Rights),
        ("recalled", HoldingSource::Recalled),
        ("borrowed", HoldingSource::Borrowed),
    ];

    /// Place in [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether what is sold from it is the seller's own.
    #[must_use]
    pub const fn is_own(self) -> bool {
        !matches!(self, HoldingSource::Borrowed)
    }
}

/// A set of phases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases(u8);

impl Phases {
    /// No phase.
    pub const NONE: Phases = Phases(0);

    /// Every phase that takes orders, by the word that tables and journals have for it.
    pub const WORDS: [(&'static str, Phase); 3] = [
        ("opening_auction", Phase::OpeningAuction),
        ("continuous", Phase::Continuous),
        ("closing_auction", Phase::ClosingAuction),
    ];

    /// Every phase that takes orders.
    pub const ALL: Phases = Phases(0b111);

    /// The bit of a phase in [`Self::to_byte`]: opening auction 1, continuous 2, closing auction 4;
    /// zero for one that takes no orders.
    #[must_use]
    pub const fn bit(phase: Phase) -> u8 {
        match phase {
            Phase::OpeningAuction => 1,
            Phase::Continuous => 2,
            Phase::ClosingAuction => 4,
            _ => 0,
        }
    }

    /// The same set with a phase in it; one that takes no orders changes nothing.
    #[must_use]
    pub const fn with(self, phase: Phase) -> Phases {
        Phases(self.0 | Phases::bit(phase))
    }

    /// Whether a phase is in it.
    #[must_use]
    pub const fn has(self, phase: Phase) -> bool {
        self.0 & Phases::bit(phase) != 0
    }

    /// The set as a sum of bits: see [`Self::bit`].
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        self.0
    }

    /// Reads [`Self::to_byte`].
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Phases> {
        if byte & !Phases::ALL.0 == 0 {
            Some(Phases(byte))
        } else {
            None
        }
    }
}

/// Seconds of a day.
pub const DAY_S: u32 = 86_400;

/// When and at which prices a venue takes short sales, for as long as the rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortRule {
    /// First moment at which it holds, nanoseconds since the epoch.
    pub from_ns: u64,
    /// First moment at which it does not hold any more.
    pub until_ns: u64,
    /// The phases in which short sales are taken; none: never.
    pub phases: Phases,
    /// First second of the Korean day at which they are taken.
    pub open_s: u32,
    /// First second of it at which they are not taken any more; [`DAY_S`] where there is none.
    pub close_s: u32,
    /// Whether a short sale must not lie below the last price, nor at it after a fall (업틱룰).
    pub has_price_rule: bool,
    /// Whether Side(54)=6 is exempt from the price rule.
    pub exempts_side_6: bool,
}

impl ShortRule {
    /// A rule that refuses nothing at any time; for tests and measurements.
    pub const ALWAYS: ShortRule = ShortRule {
        from_ns: 0,
        until_ns: u64::MAX,
        phases: Phases::ALL,
        open_s: 0,
        close_s: DAY_S,
        has_price_rule: false,
        exempts_side_6: false,
    };

    /// Whether it holds at a moment.
    #[must_use]
    pub const fn holds_at(&self, now_ns: u64) -> bool {
        self.from_ns <= now_ns && now_ns < self.until_ns
    }

    /// The second of the Korean day, nine hours before UTC all year, at a moment.
    #[must_use]
    pub const fn kst_s(now_ns: u64) -> u32 {
        let second = (now_ns / 1_000_000_000 + 9 * 3_600) % DAY_S as u64;
        #[expect(clippy::cast_possible_truncation, reason = "less than a day")]
        let second = second as u32;
        second
    }

    /// Whether two rules hold at one moment.
    #[must_use]
    pub const fn overlaps(&self, other: &ShortRule) -> bool {
        self.from_ns < other.until_ns && other.from_ns < self.until_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_phases_has_what_was_put_there() {
        let set = Phases::NONE
            .with(Phase::Continuous)
            .with(Phase::Closed)
            .with(Phase::ClosingAuction);
        assert_eq!(set.to_byte(), 6);
        assert_eq!(Phases::from_byte(6), Some(set));
        assert_eq!(Phases::from_byte(8), None);
        for (phase, expected) in [
            (Phase::Closed, false),
            (Phase::OpeningAuction, false),
            (Phase::Continuous, true),
            (Phase::ClosingAuction, true),
        ] {
            assert_eq!(set.has(phase), expected, "{phase:?}");
        }
        let all = Phases::WORDS.iter();
        let all = all.fold(Phases::NONE, |set, &(_, phase)| set.with(phase));
        assert_eq!(all, Phases::ALL);
    }

    #[test]
    fn a_rule_holds_from_its_first_moment_and_not_at_its_last() {
        let rule = |from_ns, until_ns| ShortRule {
            from_ns,
            until_ns,
            phases: Phases::ALL,
            open_s: 0,
            close_s: DAY_S,
            has_price_rule: true,
            exempts_side_6: false,
        };
        let one = rule(10, 20);
        for (now_ns, expected) in [(9, false), (10, true), (19, true), (20, false)] {
            assert_eq!(one.holds_at(now_ns), expected, "{now_ns}");
        }
        assert!(one.overlaps(&rule(19, 30)) && one.overlaps(&rule(0, 11)));
        assert!(!one.overlaps(&rule(20, 30)) && !one.overlaps(&rule(0, 10)));
    }

    #[test]
    fn the_korean_day_is_nine_hours_ahead() {
        for (utc_s, expected) in [
            (0, 9 * 3_600),
            (15 * 3_600 - 1, DAY_S - 1),
            (15 * 3_600, 0),
            // 2026-11-23 00:12:33 UTC.
            (1_795_392_753, 9 * 3_600 + 12 * 60 + 33),
        ] {
            let now_ns = utc_s * 1_000_000_000 + 999_999_999;
            assert_eq!(ShortRule::kst_s(now_ns), expected, "{utc_s}");
        }
    }

    #[test]
    fn one_source_alone_is_not_the_sellers_own() {
        let own = HoldingSource::ALL.map(HoldingSource::is_own);
        assert_eq!(own, [true, true, true, true, false]);
        for (index, source) in HoldingSource::ALL.into_iter().enumerate() {
            assert_eq!(source.index(), index);
            assert_eq!(HoldingSource::WORDS[index].1, source);
        }
    }
}
