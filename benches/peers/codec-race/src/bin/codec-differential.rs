//! Whether others read the same fields: every message set, and every message with one thing
//! changed, decoded by us and by the peers.
//!
//!     codec-differential [--quick] [--messages COUNT]
//!
//! Prints how many messages were compared, how many differences each entry of the list accounts
//! for, and one example of every kind that none does. Exit code 0: nothing unexplained; 1:
//! something; 2: usage.

use std::collections::BTreeMap;
use std::process::ExitCode;

use codec_race::differences::{Case, compare};
use codec_race::explained::EXPLAINED;
use codec_race::peers::Decoded;

/// Messages of each set; each goes through every mutation and every peer.
const MESSAGES: usize = 128;
const MESSAGES_QUICK: usize = 16;
/// Unexplained cases of a kind that are shown.
const SHOWN: usize = 2;

fn main() -> ExitCode {
    let mut messages = MESSAGES;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let count = match argument.as_str() {
            "--quick" => Some(MESSAGES_QUICK),
            "--messages" => arguments.next().and_then(|count| count.parse().ok()),
            _ => None,
        };
        let Some(count) = count else {
            eprintln!("usage: codec-differential [--quick] [--messages COUNT]");
            return ExitCode::from(2);
        };
        messages = count;
    }
    // A peer that panics is told as such; its own words would drown the rest.
    std::panic::set_hook(Box::new(|_| {}));
    let found = compare(messages);
    let _ = std::panic::take_hook();
    println!(
        "{} comparisons, {} times the same fields, {} times both refused or an explained difference",
        found.compared,
        found.same_fields,
        found.compared - found.same_fields - found.unexplained.len()
    );
    for (known, count) in EXPLAINED.iter().zip(&found.explained) {
        println!("{count:>8}  {}: {}", known.peers.join(", "), known.why);
    }
    let mut kinds: BTreeMap<String, Vec<&Case>> = BTreeMap::new();
    for case in &found.unexplained {
        let ours = if case.ours.is_some() {
            "taken"
        } else {
            "refused"
        };
        let theirs = match &case.theirs {
            Decoded::Fields(_) => "taken".to_owned(),
            Decoded::Refused(reason) => {
                let word = |word: &str| word.bytes().all(|byte| !byte.is_ascii_digit());
                let words: Vec<&str> = reason.split(' ').filter(|text| word(text)).collect();
                words.join(" ")
            }
        };
        let kind = format!(
            "{} {:?}: ours {ours}, theirs {theirs}",
            case.peer, case.mutation
        );
        kinds.entry(kind).or_default().push(case);
    }
    for (kind, cases) in &kinds {
        println!("UNEXPLAINED {:>6}  {kind}", cases.len());
        for case in cases.iter().take(SHOWN) {
            println!("    {}", case.text());
        }
    }
    if kinds.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
