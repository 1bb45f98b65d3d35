//! The framing against a twin that looks for the parts of a message at each place of a stream.

use super::*;

/// The twin looks at each place of the stream anew and searches for the parts of a message.
#[test]
fn agrees_with_an_obvious_twin() {
    let mut random = Random::seeded(2);
    let mut messages = 0;
    for _ in 0..20_000 {
        let stream = random_stream(&mut random, 6);
        let reading = in_one(&stream);
        messages += reading.messages.len();
        assert_eq!(reading.messages, twin(&stream), "{}", stream.escape_ascii());
    }
    assert!(messages > 10_000, "{messages}");
}

fn twin(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    let mut at = 0;
    while at < stream.len() {
        match twin_at(&stream[at..]) {
            Twin::Whole(length) => {
                messages.push(stream[at..at + length].to_vec());
                at += length;
            }
            Twin::Damaged(length) => at += length,
            Twin::Nothing => at += 1,
            Twin::Stop => break,
        }
    }
    messages
}

enum Twin {
    Whole(usize),
    Damaged(usize),
    Nothing,
    /// Too short to tell, or over the limit.
    Stop,
}

fn twin_at(bytes: &[u8]) -> Twin {
    let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    let Some(rest) = text.strip_prefix("8=FIX") else {
        return if "8=FIX".starts_with(&text) {
            Twin::Stop
        } else {
            Twin::Nothing
        };
    };
    let fields: Vec<&str> = rest.splitn(3, '\x01').collect();
    let is_version = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '.';
    if fields[0].len() > 8 || !fields[0].chars().all(is_version) {
        return Twin::Nothing;
    }
    let Some(second) = fields.get(1) else {
        return Twin::Stop;
    };
    let Some(digits) = second.strip_prefix("9=") else {
        let is_open = fields.len() == 2 && "9=".starts_with(second);
        return if is_open { Twin::Stop } else { Twin::Nothing };
    };
    let leading: String = digits
        .chars()
        .take(10)
        .take_while(char::is_ascii_digit)
        .collect();
    let head = 5 + fields[0].len() + 1 + 2;
    for length in 1..=leading.len() {
        if head + length + 1 + leading[..length].parse::<usize>().unwrap() + 7 > LIMIT {
            return Twin::Stop;
        }
    }
    if leading.len() < digits.len() || (leading.is_empty() && fields.len() == 3) {
        return Twin::Nothing;
    }
    let Some(third) = fields.get(2) else {
        return Twin::Stop;
    };
    let body_start = head + digits.len() + 1;
    let body_end = body_start + digits.parse::<usize>().unwrap();
    if bytes.len() < body_end + 7 {
        let is_open = third.starts_with("35=") || "35=".starts_with(third);
        return if is_open { Twin::Stop } else { Twin::Nothing };
    }
    let sum: u32 = bytes[..body_end].iter().map(|&byte| u32::from(byte)).sum();
    let trailer = &text[..].chars().skip(body_end).take(7).collect::<String>();
    let is_body = bytes[body_start..body_end].starts_with(b"35=") && bytes[body_end - 1] == SOH;
    let number = trailer
        .strip_prefix("10=")
        .and_then(|rest| rest.strip_suffix('\x01'));
    match number.filter(|n| is_body && n.len() == 3 && n.chars().all(|c| c.is_ascii_digit())) {
        None => Twin::Nothing,
        Some(number) if number.parse() == Ok(sum % 256) => Twin::Whole(body_end + 7),
        Some(_) => Twin::Damaged(body_end + 7),
    }
}
