//! Refusals as FIX tells them: Text(58), written without allocating.

use gwanmun_fix::tag;
use gwanmun_market::{GateCode, Price, Refusal, number};

/// Longest Text(58) of a refusal: the longest name and three numbers with their words.
const TEXT_BYTES_MAX: usize = 112;

/// A short text in a fixed buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShortText {
    bytes: [u8; TEXT_BYTES_MAX],
    /// Invariant: at most `TEXT_BYTES_MAX`.
    length: usize,
}

impl ShortText {
    pub(crate) const fn new() -> ShortText {
        ShortText {
            bytes: [0; TEXT_BYTES_MAX],
            length: 0,
        }
    }

    pub(crate) fn push(&mut self, text: &[u8]) {
        let room = self.bytes.get_mut(self.length..).unwrap_or(&mut []);
        for (to, from) in room.iter_mut().zip(text) {
            *to = *from;
            self.length += 1;
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

/// Whether the figures of a code are prices; the others are whole numbers.
#[must_use]
pub const fn figures_are_prices(code: GateCode) -> bool {
    matches!(
        code,
        GateCode::Tick
            | GateCode::PriceSign
            | GateCode::DailyLimit
            | GateCode::PriceCollar
            | GateCode::ShortPrice
            | GateCode::SelfTrade
    )
}

/// One figure as people read it: a decimal price, or a whole number.
fn figure(code: GateCode, value: i64) -> ShortText {
    let mut digits = [0; number::DECIMAL_BYTES_MAX];
    let length = if figures_are_prices(code) {
        Price(value).write(&mut digits)
    } else {
        number::write_decimal(value, 0, &mut digits)
    };
    let mut text = ShortText::new();
    text.push(digits.get(..length).unwrap_or(&[]));
    text
}

/// Text(58): the code's name, then limit and observed value; for a value that is not supported
/// the field and the value.
pub(crate) fn text(refusal: &Refusal) -> ShortText {
    let mut text = ShortText::new();
    text.push(refusal.code.name().as_bytes());
    if refusal.code == GateCode::Unsupported {
        text.push(b": ");
        push_field(&mut text, refusal);
        return text;
    }
    text.push(b": limit ");
    text.push(figure(refusal.code, refusal.limit).as_bytes());
    text.push(b", observed ");
    text.push(figure(refusal.code, refusal.observed).as_bytes());
    if let Some(missing) = missing_qty(refusal) {
        text.push(b", missing ");
        text.push(figure(refusal.code, missing).as_bytes());
    }
    text
}

/// What a sale lacks, where that is why it was refused.
pub(crate) fn missing_qty(refusal: &Refusal) -> Option<i64> {
    matches!(
        refusal.code,
        GateCode::SellableBalance | GateCode::BalanceUnknown | GateCode::BorrowNeeded
    )
    .then(|| refusal.observed.saturating_sub(refusal.limit))
}

/// `TimeInForce(59)=6`: limit is the field's tag, observed its value, one character.
fn push_field(text: &mut ShortText, refusal: &Refusal) {
    let name = match u32::try_from(refusal.limit) {
        Ok(tag::SIDE) => "Side",
        Ok(tag::ORD_TYPE) => "OrdType",
        Ok(tag::TIME_IN_FORCE) => "TimeInForce",
        Ok(tag::LOCATE_REQD) => "LocateReqd",
        _ => "field",
    };
    text.push(name.as_bytes());
    text.push(b"(");
    text.push(figure(refusal.code, refusal.limit).as_bytes());
    text.push(b")=");
    text.push(&[u8::try_from(refusal.observed).unwrap_or(b'?')]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_read_as_prices_and_counts_as_counts() {
        let collar = Refusal {
            code: GateCode::PriceCollar,
            limit: 751_800_000,
            observed: 900_000_000,
        };
        assert_eq!(
            text(&collar).as_bytes(),
            b"PRICE_COLLAR: limit 75180, observed 90000"
        );
        let balance = Refusal {
            code: GateCode::SellableBalance,
            limit: 100,
            observed: 150,
        };
        assert_eq!(
            text(&balance).as_bytes(),
            b"SELLABLE_BALANCE: limit 100, observed 150, missing 50"
        );
    }

    #[test]
    fn an_unsupported_value_is_named_with_its_field() {
        for (limit, observed, expected) in [
            (59, b'6', "UNSUPPORTED: TimeInForce(59)=6"),
            (40, b'P', "UNSUPPORTED: OrdType(40)=P"),
            (54, b'7', "UNSUPPORTED: Side(54)=7"),
            (114, b'Y', "UNSUPPORTED: LocateReqd(114)=Y"),
            (18, b'1', "UNSUPPORTED: field(18)=1"),
        ] {
            let refusal = Refusal {
                code: GateCode::Unsupported,
                limit,
                observed: i64::from(observed),
            };
            assert_eq!(text(&refusal).as_bytes(), expected.as_bytes());
        }
    }

    #[test]
    fn the_longest_text_fits() {
        for code in GateCode::ALL {
            if code == GateCode::Unsupported {
                continue;
            }
            let refusal = Refusal {
                code,
                limit: i64::MIN,
                observed: i64::MIN,
            };
            let last = *text(&refusal).as_bytes().last().unwrap();
            assert!(last.is_ascii_digit(), "{}", code.name());
            assert!(text(&refusal).as_bytes().len() < TEXT_BYTES_MAX);
        }
    }
}
