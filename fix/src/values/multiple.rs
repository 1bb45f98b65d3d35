//! MultipleValueString (MultipleStringValue from FIX 5.0 on) and MultipleCharValue: values with one
//! space between them, as ExecInst(18) or TradeCondition(277) has them.
//!
//! The list is checked when it is made and borrowed from the message; going over it cannot fail.

use super::ValueError;

/// The values of a MultipleValueString, one after the other.
#[derive(Clone, Debug)]
pub struct Values<'a> {
    /// Invariant: not empty while `is_over` is not set, no space at either end and none behind
    /// another.
    rest: &'a [u8],
    is_over: bool,
}

impl<'a> Values<'a> {
    /// The values of a text.
    ///
    /// # Errors
    /// Nothing at all, a space in front, behind, or two of them together, or a control byte
    /// (format).
    ///
    /// ```
    /// use gwanmun_fix::values::{ValueError, Values};
    /// let values: Vec<&[u8]> = Values::parse(b"AV AN A")?.collect();
    /// assert_eq!(values, [&b"AV"[..], b"AN", b"A"]);
    /// # Ok::<(), ValueError>(())
    /// ```
    pub fn parse(text: &'a [u8]) -> Result<Values<'a>, ValueError> {
        let mut before = b' ';
        for (at, &byte) in text.iter().enumerate() {
            if byte.is_ascii_control() || (byte == b' ' && before == b' ') {
                return Err(ValueError::format(at));
            }
            before = byte;
        }
        if before == b' ' {
            // The last space has nothing behind it.
            return Err(ValueError::format(text.len()));
        }
        Ok(Values {
            rest: text,
            is_over: false,
        })
    }

    /// Whether a value is among those that are left.
    #[must_use]
    pub fn holds(&self, value: &[u8]) -> bool {
        self.clone().any(|held| held == value)
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.is_over {
            return None;
        }
        let value = match self.rest.iter().position(|&byte| byte == b' ') {
            Some(at) => {
                let (value, rest) = self.rest.split_at_checked(at)?;
                self.rest = rest.get(1..)?;
                value
            }
            None => {
                self.is_over = true;
                self.rest
            }
        };
        Some(value)
    }
}

/// The characters of a MultipleCharValue, one after the other.
#[derive(Clone, Debug)]
pub struct Characters<'a> {
    /// Invariant: characters at even places, spaces at odd ones.
    rest: &'a [u8],
}

impl<'a> Characters<'a> {
    /// The characters of a text.
    ///
    /// # Errors
    /// Nothing at all, or anything but single characters with single spaces between them (format).
    ///
    /// ```
    /// use gwanmun_fix::values::{Characters, ValueError};
    /// assert_eq!(Characters::parse(b"1 6 G")?.collect::<Vec<u8>>(), *b"16G");
    /// assert_eq!(Characters::parse(b"1 66").map(drop), Err(ValueError::format(3)));
    /// # Ok::<(), ValueError>(())
    /// ```
    pub fn parse(text: &'a [u8]) -> Result<Characters<'a>, ValueError> {
        for (at, &byte) in text.iter().enumerate() {
            let is_space = byte == b' ';
            if byte.is_ascii_control() || is_space != (at % 2 == 1) {
                return Err(ValueError::format(at));
            }
        }
        if text.len().is_multiple_of(2) {
            return Err(ValueError::format(text.len()));
        }
        Ok(Characters { rest: text })
    }

    /// Whether a character is among those that are left.
    #[must_use]
    pub fn holds(&self, value: u8) -> bool {
        self.clone().any(|held| held == value)
    }
}

impl Iterator for Characters<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (&value, rest) = self.rest.split_first()?;
        self.rest = rest.get(1..).unwrap_or(&[]);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        let check = |text: &str, expected: Result<&[&str], ValueError>| {
            let values = Values::parse(text.as_bytes());
            let values = values.map(|values| values.map(<[u8]>::to_vec).collect::<Vec<_>>());
            let expected =
                expected.map(|list| list.iter().map(|text| text.as_bytes().to_vec()).collect());
            assert_eq!(values, expected, "{text:?}");
        };
        check("A", Ok(&["A"]));
        check("AV AN A", Ok(&["AV", "AN", "A"]));
        check("A A", Ok(&["A", "A"]));
        for (text, at) in [
            ("", 0),
            (" ", 0),
            (" A", 0),
            ("A ", 2),
            ("A  B", 2),
            ("A\tB", 1),
            ("A\0", 1),
        ] {
            check(text, Err(ValueError::format(at)));
        }
        let values = Values::parse(b"AV AN").unwrap();
        assert!(values.holds(b"AN") && !values.holds(b"A") && !values.holds(b""));
    }

    #[test]
    fn characters() {
        let check = |text: &str, expected: Result<&str, ValueError>| {
            let values = Characters::parse(text.as_bytes()).map(Iterator::collect::<Vec<_>>);
            assert_eq!(
                values,
                expected.map(|text| text.as_bytes().to_vec()),
                "{text:?}"
            );
        };
        check("1", Ok("1"));
        check("1 6 G", Ok("16G"));
        for (text, at) in [
            ("", 0),
            (" ", 0),
            (" 1", 0),
            ("1 ", 2),
            ("1  2", 2),
            ("12", 1),
            ("1 22", 3),
            ("1\x006", 1),
        ] {
            check(text, Err(ValueError::format(at)));
        }
        let values = Characters::parse(b"1 6").unwrap();
        assert!(values.holds(b'6') && !values.holds(b' '));
    }
}
