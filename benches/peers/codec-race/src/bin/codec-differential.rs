//! Whether others read the same fields: every message set, and every message with one thing
//! changed, decoded by us and by the peers.
//!
//!     codec-differential [--quick] [--messages COUNT] [--cases FILE]
//!
//! Prints how many messages were compared, how many differences each entry of the list accounts
//! for, and one example of every kind that none does. With `--cases` it compares nothing and writes
//! down what we read, for peers that no Rust can ask: one JSON object per line with `mutation`,
//! `message`, and as `fields` a list of tag and value, or null where we refuse the message; a byte
//! is the character of its number. Exit code 0: nothing unexplained; 1: something, or the file
//! cannot be written; 2: usage.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use codec_race::differences::{Case, compare, for_each_case};
use codec_race::explained::EXPLAINED;
use codec_race::peers::Decoded;

/// Messages of each set; each goes through every mutation and every peer.
const MESSAGES: usize = 128;
const MESSAGES_QUICK: usize = 16;
/// Unexplained cases of a kind that are shown.
const SHOWN: usize = 2;

struct Options {
    messages: usize,
    cases: Option<String>,
}

fn options() -> Option<Options> {
    let mut options = Options {
        messages: MESSAGES,
        cases: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => options.messages = MESSAGES_QUICK,
            "--messages" => options.messages = arguments.next()?.parse().ok()?,
            "--cases" => options.cases = Some(arguments.next()?),
            _ => return None,
        }
    }
    Some(options)
}

fn main() -> ExitCode {
    let Some(Options { messages, cases }) = options() else {
        eprintln!("usage: codec-differential [--quick] [--messages COUNT] [--cases FILE]");
        return ExitCode::from(2);
    };
    if let Some(path) = cases {
        return match write_cases(&path, messages) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{path}: {error}");
                ExitCode::FAILURE
            }
        };
    }
    report(messages)
}

fn write_cases(path: &str, messages: usize) -> io::Result<()> {
    let text = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect::<String>();
    let mut file = BufWriter::new(File::create(path)?);
    let mut written = Ok(());
    for_each_case(messages, |mutation, message, ours| {
        let fields = ours.map(|fields| {
            let fields = fields.iter().map(|(tag, value)| (tag, text(value)));
            fields.collect::<Vec<_>>()
        });
        let case = serde_json::json!({
            "mutation": format!("{mutation:?}"),
            "message": text(message),
            "fields": fields,
        });
        if written.is_ok() {
            written = writeln!(file, "{case}");
        }
    });
    written.and_then(|()| file.flush())
}

fn report(messages: usize) -> ExitCode {
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
            println!("    theirs alone: {}", case.theirs_alone());
        }
    }
    if kinds.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
