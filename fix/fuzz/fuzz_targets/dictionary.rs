//! Bytes as a dictionary: our check, the crate behind it, the tables, and messages held against
//! them. Nothing panics or hangs, and shapes do not change an answer.
//!
//! Text behind the last `</fix>` is taken as messages, `|` for SOH.
#![no_main]

use std::sync::OnceLock;

use gwanmun_fix::dictionary::{Dictionary, Standard};
use gwanmun_fix::validate::{Checks, Memo, Validator};
use gwanmun_fix::{Index, Message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (xml, messages) = match text.rfind("</fix>") {
        Some(at) => text.split_at(at + "</fix>".len()),
        None => (text, ""),
    };
    static FIX_44: OnceLock<Dictionary> = OnceLock::new();
    let base = FIX_44.get_or_init(|| Dictionary::standard(Standard::Fix44));
    let mut extended = base.clone();
    let extension = extended.extend(xml);
    assert!(extension.is_ok() || extended.messages().eq(base.messages()));
    match Dictionary::from_xml(xml) {
        Ok(dictionary) => look(&dictionary, messages),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if extension.is_ok() {
        look(&extended, messages);
    }
});

fn look(dictionary: &Dictionary, messages: &str) {
    for checks in [Checks::ALL, Checks::TOLERANT] {
        let Ok(validator) = Validator::new(dictionary, checks) else {
            return;
        };
        let mut memo = Memo::new(&validator);
        let mut without = Memo::without_shapes(&validator);
        let mut index = Index::new();
        for line in messages.lines().take(16) {
            let line = line.replace('|', "\x01");
            let (message, _) = Message::read(line.as_bytes(), &mut index);
            for _ in 0..2 {
                let answer = validator.validate(&message, &mut memo);
                assert_eq!(answer, validator.validate(&message, &mut without));
            }
        }
    }
}
