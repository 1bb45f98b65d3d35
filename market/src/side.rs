//! Which way an order goes.

/// Side(54), of which we carry the four that Korean cash and derivative orders need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// 54=1, OUCH `B`.
    Buy,
    /// 54=2, OUCH `S`.
    Sell,
    /// 54=5, OUCH `T`: sell short (공매도).
    SellShort,
    /// 54=6, OUCH `E`: sell short exempt.
    SellShortExempt,
}

impl Side {
    /// Reads Side(54).
    #[must_use]
    pub const fn from_fix(value: u8) -> Option<Side> {
        match value {
            b'1' => Some(Side::Buy),
            b'2' => Some(Side::Sell),
            b'5' => Some(Side::SellShort),
            b'6' => Some(Side::SellShortExempt),
            _ => None,
        }
    }

    /// Side(54) as FIX writes it.
    #[must_use]
    pub const fn to_fix(self) -> u8 {
        match self {
            Side::Buy => b'1',
            Side::Sell => b'2',
            Side::SellShort => b'5',
            Side::SellShortExempt => b'6',
        }
    }

    /// Reads OUCH's Side.
    #[must_use]
    pub const fn from_ouch(value: u8) -> Option<Side> {
        match value {
            b'B' => Some(Side::Buy),
            b'S' => Some(Side::Sell),
            b'T' => Some(Side::SellShort),
            b'E' => Some(Side::SellShortExempt),
            _ => None,
        }
    }

    /// Side as OUCH writes it.
    #[must_use]
    pub const fn to_ouch(self) -> u8 {
        match self {
            Side::Buy => b'B',
            Side::Sell => b'S',
            Side::SellShort => b'T',
            Side::SellShortExempt => b'E',
        }
    }

    /// Whether the order takes quantity off the account.
    #[must_use]
    pub const fn is_sell(self) -> bool {
        !matches!(self, Side::Buy)
    }

    /// Whether the order is marked as a short sale, exempt or not.
    #[must_use]
    pub const fn is_short(self) -> bool {
        matches!(self, Side::SellShort | Side::SellShortExempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_wires_read_what_they_write() {
        for side in [
            Side::Buy,
            Side::Sell,
            Side::SellShort,
            Side::SellShortExempt,
        ] {
            assert_eq!(Side::from_fix(side.to_fix()), Some(side));
            assert_eq!(Side::from_ouch(side.to_ouch()), Some(side));
        }
        assert_eq!(Side::from_fix(b'3'), None);
        assert_eq!(Side::from_ouch(b'1'), None);
    }
}
