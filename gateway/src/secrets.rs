//! Secrets in bytes that are no message: those of a stranger, cut anywhere or malformed.
//!
//! A message that can be indexed is masked by [`crate::stranger::mask_secrets`], exactly. Here the
//! rule errs towards asterisks: what may belong to a secret is masked, and what is lost is evidence
//! of one line. Lengths never change.

use gwanmun_fix::tag;

const SOH: u8 = 1;

/// Masks the values of Password(554), NewPassword(925) and RawData(96) with asterisks.
///
/// `bytes` begin where a line or a message begins; they may end anywhere.
///
/// - A secret's tag counts wherever it is followed by `=`, also behind something else than SOH: who
///   types `8=FIX.4.4|554=...` by hand has a password too.
/// - A value goes to the next SOH, or to the end. RawData(96) is as long as the
///   RawDataLength(95) directly in front of it says, if SOH or the end is there; otherwise it goes
///   to the end.
/// - What follows a secret and is no field, as when a password holds an SOH, is masked with it; so
///   is a tag behind a secret that was cut off before its `=`.
pub fn mask_fragment(bytes: &mut [u8]) {
    let mut at = 0;
    let mut raw_data_length = None;
    let mut follows_secret = false;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = rest.iter().position(|byte| *byte == SOH);
        let length = length.unwrap_or(rest.len());
        let piece = rest.get(..length).unwrap_or_default();
        let mut end = at + length;
        let mut secret_from = None;
        if let Some((value_at, secret)) = find_secret(piece) {
            secret_from = Some(at + value_at);
            if secret == tag::RAW_DATA {
                end = raw_data_end(bytes, at + value_at, raw_data_length);
            }
            follows_secret = true;
        } else if follows_secret && first_field(piece).is_none() {
            secret_from = Some(at);
        } else {
            follows_secret = false;
        }
        raw_data_length = match first_field(piece) {
            Some((tag::RAW_DATA_LENGTH, value)) => number(value),
            _ => None,
        };
        if let Some(from) = secret_from {
            bytes.get_mut(from..end).unwrap_or_default().fill(b'*');
        }
        at = end + 1;
    }
}

/// Where the first secret value of a piece without SOH begins, and its tag.
fn find_secret(piece: &[u8]) -> Option<(usize, u32)> {
    let mut digits_at = 0;
    for (at, byte) in piece.iter().enumerate() {
        if *byte == b'=' {
            let tag = number(piece.get(digits_at..at)?).and_then(|tag| u32::try_from(tag).ok());
            if let Some(tag @ (tag::PASSWORD | tag::NEW_PASSWORD | tag::RAW_DATA)) = tag {
                return Some((at + 1, tag));
            }
        }
        if !byte.is_ascii_digit() {
            digits_at = at + 1;
        }
    }
    None
}

/// Tag and value, if the piece is a field.
fn first_field(piece: &[u8]) -> Option<(u32, &[u8])> {
    let at = piece.iter().position(|byte| *byte == b'=')?;
    let tag = u32::try_from(number(piece.get(..at)?)?).ok()?;
    Some((tag, piece.get(at + 1..)?))
}

/// Where RawData(96) ends that begins at `start`.
fn raw_data_end(bytes: &[u8], start: usize, length: Option<usize>) -> usize {
    let end = length.and_then(|length| start.checked_add(length));
    let end = end.filter(|end| bytes.get(*end) == Some(&SOH));
    end.unwrap_or(bytes.len())
}

fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_usize, |sum, digit| {
        let digit = digit.is_ascii_digit().then(|| usize::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_fix::encode::MessageWriter;
    use gwanmun_fix::index::Index;

    use super::*;
    use crate::stranger::mask_secrets;

    fn check(before: &[u8], after: &[u8]) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\x01', "|");
        let mut masked = before.to_vec();
        mask_fragment(&mut masked);
        assert_eq!(text(&masked), text(after), "{}", text(before));
    }

    /// A Logon with every secret. Their bytes are upper case letters, which nothing else in it
    /// has but the fields' fixed words.
    fn logon(password: &[u8], new: &[u8], raw: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 8192];
        let mut writer = MessageWriter::start(&mut bytes, b"FIX.4.4");
        writer
            .bytes(tag::MSG_TYPE, b"A")
            .bytes(tag::SENDER_COMP_ID, b"one")
            .bytes(tag::TARGET_COMP_ID, b"gate")
            .uint(tag::MSG_SEQ_NUM, 1)
            .data(tag::RAW_DATA_LENGTH, tag::RAW_DATA, raw)
            .bytes(tag::USERNAME, b"name")
            .bytes(tag::PASSWORD, password)
            .bytes(tag::NEW_PASSWORD, new);
        let length = writer.finish().unwrap();
        bytes.truncate(length);
        bytes
    }

    #[test]
    fn values_of_secrets_are_masked_and_nothing_else() {
        check(b"", b"");
        check(b"554", b"554");
        check(b"554=", b"554=");
        check(b"554=x", b"554=*");
        check(
            b"58=a\x01554=abc\x0158=b\x01",
            b"58=a\x01554=***\x0158=b\x01",
        );
        check(b"925=abc\x01", b"925=***\x01");
        check(
            b"1554=abc\x01196=a\x015540=b\x01",
            b"1554=abc\x01196=a\x015540=b\x01",
        );
        check(b"0554=abc\x01", b"0554=***\x01");
        check(
            b"99999999999999999999554=a\x01",
            b"99999999999999999999554=a\x01",
        );
        check(b"8=FIX.4.4|554=abc|10=", b"8=FIX.4.4|554=*******");
        check(b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n");
    }

    #[test]
    fn raw_data_is_as_long_as_said_or_goes_to_the_end() {
        check(
            b"95=3\x0196=a\x01b\x0158=c\x01",
            b"95=3\x0196=***\x0158=c\x01",
        );
        check(b"95=9\x0196=a\x01b\x01", b"95=9\x0196=****");
        check(b"95=1\x0196=ab\x01cd\x01", b"95=1\x0196=******");
        check(b"95=\x0196=a\x0158=b\x01", b"95=\x0196=*******");
        check(b"95=3\x0158=x\x0196=a\x01b", b"95=3\x0158=x\x0196=***");
        let huge = b"95=18446744073709551615\x0196=a\x01b";
        check(huge, b"95=18446744073709551615\x0196=***");
    }

    #[test]
    fn a_secret_with_a_separator_in_it_is_masked_to_its_end() {
        check(
            b"554=ab\x01cd\x01ef=\x0158=g\x01hi",
            b"554=**\x01**\x01***\x0158=g\x01hi",
        );
        check(
            b"95=2\x0196=ab\x01cd\x0158=e",
            b"95=2\x0196=**\x01**\x0158=e",
        );
    }

    #[test]
    fn whole_logons_are_masked_like_messages() {
        let mut exact = logon(b"SECRET", b"GEHEIM", b"R\x01554=W\x01");
        let mut fragment = exact.clone();
        mask_secrets(&mut exact, &mut Index::new());
        mask_fragment(&mut fragment);
        let body = exact.len() - 7;
        assert_eq!(fragment[..body], exact[..body]);
    }

    #[test]
    fn no_cut_of_a_logon_shows_a_secret() {
        let whole = logon(b"SQUEAMISH", b"OSSIFRAGE", b"J\x01U\x0195=1\x0196=Z\x01Y");
        let mut masked = whole.clone();
        mask_fragment(&mut masked);
        for cut in 0..=whole.len() {
            let mut part = whole[..cut].to_vec();
            mask_fragment(&mut part);
            let differs = |(part, whole): (&u8, &u8)| part != whole && *part != b'*';
            assert!(!part.iter().zip(&masked).any(differs), "cut at {cut}");
            for secret in b"SQUMHOGRJZY" {
                assert!(!part.contains(secret), "cut at {cut}");
            }
        }
    }

    /// Every byte of the password is a letter that is nowhere else, whatever stands around it.
    #[test]
    fn no_password_survives_random_surroundings() {
        for seed in 0..20_000_u64 {
            let mut state = seed;
            let mut random = |below: u64| {
                state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                (mixed ^ (mixed >> 31)) % below
            };
            let pieces: [&[u8]; 12] = [
                b"8=fix\x01",
                b"95=",
                b"96=",
                b"3\x01",
                b"58=",
                b"\x01",
                b"=",
                b"5",
                b"|",
                b"xyz",
                b"554=",
                b"9=12\x01",
            ];
            let mut bytes = Vec::new();
            for _ in 0..random(8) {
                let piece = usize::try_from(random(pieces.len() as u64)).unwrap();
                bytes.extend_from_slice(pieces[piece]);
            }
            bytes.push(SOH);
            bytes.extend_from_slice(b"554=");
            for _ in 0..random(9) {
                bytes.extend_from_slice(if random(6) == 0 { b"\x01P" } else { b"P" });
            }
            bytes.extend_from_slice(b"\x0156=gate\x01");
            let cut = usize::try_from(random(bytes.len() as u64 + 1)).unwrap();
            bytes.truncate(cut.max(bytes.len() / 2));
            let length = bytes.len();
            mask_fragment(&mut bytes);
            assert_eq!(bytes.len(), length);
            assert!(!bytes.contains(&b'P'), "seed {seed}");
        }
    }
}
