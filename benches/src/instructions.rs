//! The codec's hottest routines and the list of checks, counted in instructions instead of
//! nanoseconds.
//!
//! A count under callgrind is the same on a busy machine and on a quiet one, so that a small loss
//! can be told from noise and refused. What it does not see is what the processor makes of the
//! instructions; the benches are for that. Valgrind knows no AVX-512: the fronts counted are AVX2
//! and portable code, and [`crate::inner_loops`] looks at that one.
//!
//! Each routine runs in a process of its own, once with few rounds and once with more. Start-up and
//! the making of messages are the same in both, so that the difference is the routine alone. The
//! program `codec-instructions` is in `src/bin/`, what was recorded in `instructions.txt`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use gwanmun_fix::messages::md_entry::INCREMENTAL_ENTRIES;
use gwanmun_fix::scan::Front;
use gwanmun_fix::time::DateCache;
use gwanmun_fix::{FieldError, Index, Message, Shapes, tag};
use gwanmun_market::PRICE_DECIMALS;

use crate::SEED;
use crate::check_cost;
use crate::message_sets::{self, Entry, Made};
use crate::order_codec::{read_eight, write_order};

/// How far a count may be above the recorded one, in thousandths of it.
pub const SLACK_THOUSANDTHS: u64 = 30;
/// Rounds over all messages of the two runs of a routine.
const ROUNDS: [u64; 2] = [2, 10];
const MESSAGE_BYTES_MAX: usize = 4096;

/// A routine that is counted.
#[derive(Clone, Copy, Debug)]
pub struct Routine {
    /// Its name in `instructions.txt`.
    pub name: &'static str,
    /// `None`: the list of checks, with tables in the cache.
    codec: Option<Codec>,
}

/// A routine of the codec: which messages, by which front.
#[derive(Clone, Copy, Debug)]
struct Codec {
    set: &'static str,
    front: Front,
    work: fn(&mut Work, &Made) -> Result<u64, FieldError>,
}

/// All of them: framing and indexing in one pass, the same with eight typed fields behind it, with
/// thirty typed fields of ten entries, and writing. A message is read by the front that is named.
/// The last one is from a typed order to the verdict of all checks.
pub const ROUTINES: [Routine; 8] = [
    Routine::new("take-nos-avx2", "nos", Front::Avx2, Work::take),
    Routine::new("take-nos-portable", "nos", Front::Portable, Work::take),
    Routine::new("fields-nos-avx2", "nos", Front::Avx2, Work::fields),
    Routine::new("fields-nos-portable", "nos", Front::Portable, Work::fields),
    Routine::new("groups-mdi-avx2", "mdi", Front::Avx2, Work::groups),
    Routine::new("groups-mdi-portable", "mdi", Front::Portable, Work::groups),
    Routine::new("encode-nos", "nos", Front::Portable, Work::encode),
    Routine {
        name: "check-list",
        codec: None,
    },
];

impl Routine {
    const fn new(
        name: &'static str,
        set: &'static str,
        front: Front,
        work: fn(&mut Work, &Made) -> Result<u64, FieldError>,
    ) -> Routine {
        Routine {
            name,
            codec: Some(Codec { set, front, work }),
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Routine> {
        ROUTINES.into_iter().find(|routine| routine.name == name)
    }

    /// Runs it over all messages of its set, so many rounds.
    ///
    /// # Errors
    /// The processor lacks the front; an answer is wrong.
    pub fn run(self, rounds: u64) -> Result<(), String> {
        self.codec.map_or_else(
            || check_cost::cached_verdicts(rounds),
            |codec| self.run_codec(codec, rounds),
        )
    }

    fn run_codec(self, codec: Codec, rounds: u64) -> Result<(), String> {
        if !codec.front.is_available() {
            return Err(format!("{}: this processor lacks the front", self.name));
        }
        let made = message_sets::make(codec.set, SEED);
        let mut work = Work {
            front: codec.front,
            index: Box::default(),
            shapes: Box::default(),
            dates: DateCache::new(),
            room: Box::new([0; 512]),
        };
        let expected = self.answer(&made);
        // Lengths alone are asked for while instructions are counted.
        for (one, order) in made
            .iter()
            .filter_map(|one| Some((one, one.order.as_ref()?)))
        {
            let length = write_order(order, &mut work.room[..]).unwrap_or(0);
            if work.room.get(..length) != Some(&one.bytes[..]) {
                return Err(format!("{}: an order is written otherwise", self.name));
            }
        }
        for _ in 0..rounds {
            let mut sum = 0;
            for one in &made {
                let answer = (codec.work)(&mut work, black_box(one));
                sum += answer.map_err(|error| format!("{}: {error:?}", self.name))?;
            }
            if sum != expected {
                return Err(format!("{}: {sum}, not {expected}", self.name));
            }
        }
        Ok(())
    }

    /// What a round must give, from what the messages were made of.
    fn answer(self, made: &[Made]) -> u64 {
        let size = |entry: &Entry| u64::try_from(entry.size).unwrap_or(0);
        let of_one = |one: &Made| match self.name.split('-').next() {
            Some("take") => one.fields.len() as u64,
            Some("fields") => one.eight.as_ref().map_or(0, |eight| eight.msg_seq_num),
            Some("groups") => one.entries.iter().map(size).sum(),
            _ => one.bytes.len() as u64,
        };
        made.iter().map(of_one).sum()
    }
}

/// What a session keeps.
struct Work {
    front: Front,
    index: Box<Index>,
    shapes: Box<Shapes>,
    dates: DateCache,
    room: Box<[u8; 512]>,
}

impl Work {
    fn take(&mut self, made: &Made) -> Result<u64, FieldError> {
        let message = taken(self.front, &made.bytes, &mut self.index);
        Ok(black_box(&message).count() as u64)
    }

    fn fields(&mut self, made: &Made) -> Result<u64, FieldError> {
        let message = taken(self.front, &made.bytes, &mut self.index);
        let message = message.with_shapes(&mut self.shapes);
        read_eight(&message, &mut self.dates)
    }

    fn groups(&mut self, made: &Made) -> Result<u64, FieldError> {
        let message = taken(self.front, &made.bytes, &mut self.index);
        let [mut type_at, mut px_at, mut size_at] = [0; 3];
        let mut sum = 0;
        for entry in message.groups(&INCREMENTAL_ENTRIES)? {
            let entry = entry?;
            black_box((
                entry.field_near(tag::MD_ENTRY_TYPE, &mut type_at),
                entry.scaled_near(tag::MD_ENTRY_PX, &mut px_at, PRICE_DECIMALS)?,
            ));
            let size = entry.scaled_near(tag::MD_ENTRY_SIZE, &mut size_at, PRICE_DECIMALS)?;
            sum += u64::try_from(size).unwrap_or(0);
        }
        Ok(sum)
    }

    fn encode(&mut self, made: &Made) -> Result<u64, FieldError> {
        let order = made.order.as_ref();
        let length = order.and_then(|order| write_order(order, &mut self.room[..]));
        black_box(&self.room);
        Ok(length.unwrap_or(0) as u64)
    }
}

fn taken<'a>(front: Front, bytes: &'a [u8], index: &'a mut Index) -> Message<'a> {
    match Message::take_by(front, bytes, MESSAGE_BYTES_MAX, index) {
        Ok((message, None)) => message,
        _ => unreachable!("the sets hold sound messages alone"),
    }
}

/// Counts a routine's instructions for a message, in tenths, by running `program` under callgrind
/// with the routine's name and a number of rounds.
///
/// # Errors
/// Valgrind is missing; the program failed; callgrind said no count.
pub fn count(program: &Path, routine: Routine) -> Result<u64, String> {
    let [few, many] = ROUNDS.map(|rounds| collected(program, routine, rounds));
    let messages = routine.codec.map_or(crate::MESSAGES, |codec| {
        message_sets::make(codec.set, SEED).len()
    }) as u64;
    let (few, many) = (few?, many?);
    let [few_rounds, many_rounds] = ROUNDS;
    let runs = messages * (many_rounds - few_rounds);
    Ok(many.saturating_sub(few) * 10 / runs)
}

fn collected(program: &Path, routine: Routine, rounds: u64) -> Result<u64, String> {
    under_callgrind(program, &[routine.name, &rounds.to_string()])
}

/// Instructions that a run of `program` takes.
///
/// # Errors
/// Valgrind is missing; the program failed; callgrind said no count.
pub fn under_callgrind(program: &Path, arguments: &[&str]) -> Result<u64, String> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{} failed: {said}", arguments.join(" ")));
    }
    let count = said.lines().find_map(|line| {
        let (_, count) = line.split_once("Collected :")?;
        count.trim().parse().ok()
    });
    count.ok_or_else(|| format!("callgrind said no count: {said}"))
}

/// What was found, as `instructions.txt` has it: a name and a count in each line, `#` before what
/// is for people.
#[must_use]
pub fn text_of(found: &[(&str, u64)]) -> String {
    let mut text = HEAD.to_owned();
    for (name, tenths) in found {
        // A string takes whatever it is given.
        let _ = writeln!(text, "{name} {}.{}", tenths / 10, tenths % 10);
    }
    text
}

const HEAD: &str = "\
# Instructions for a message, counted by callgrind in a release build: see src/instructions.rs.
# .ci/run refuses a count more than 3 % above the one here. After a change that is meant to cost, or
# that saves so much, record anew and say why in the commit:
#     cargo run --release -p gwanmun-benches --bin codec-instructions -- --record
";

/// The recorded count of a routine, in tenths.
#[must_use]
pub fn recorded(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| {
        let (found, count) = line.split_once(' ')?;
        (found == name).then_some(count)
    })?;
    let (whole, tenth) = line.trim().split_once('.')?;
    Some(whole.parse::<u64>().ok()? * 10 + tenth.parse::<u64>().ok().filter(|tenth| *tenth < 10)?)
}

/// Whether a count is more than [`SLACK_THOUSANDTHS`] above the recorded one.
#[must_use]
pub const fn is_too_many(found: u64, recorded: u64) -> bool {
    found * 1_000 > recorded * (1_000 + SLACK_THOUSANDTHS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_routine_gives_its_answer_or_lacks_its_front() {
        for routine in ROUTINES {
            let ran = routine.run(1);
            let has_front = routine.codec.is_none_or(|codec| codec.front.is_available());
            assert_eq!(ran.is_ok(), has_front, "{ran:?}");
            assert!(Routine::named(routine.name).is_some());
        }
        assert!(Routine::named("take").is_none());
    }

    #[test]
    fn what_is_recorded_is_read_back() {
        let text = text_of(&[("take-nos-avx2", 12_345), ("encode-nos", 9)]);
        assert_eq!(recorded(&text, "take-nos-avx2"), Some(12_345));
        assert_eq!(recorded(&text, "encode-nos"), Some(9));
        assert_eq!(recorded(&text, "take-nos"), None);
        assert_eq!(recorded("take-nos-avx2 12", "take-nos-avx2"), None);
    }

    #[test]
    fn three_hundredths_above_are_enough() {
        assert!(!is_too_many(10_300, 10_000));
        assert!(is_too_many(10_301, 10_000));
        assert!(!is_too_many(1, 10_000));
    }

    #[test]
    fn every_routine_has_a_recorded_count() {
        let text = include_str!("../instructions.txt");
        for routine in ROUTINES {
            assert!(recorded(text, routine.name).is_some(), "{}", routine.name);
        }
        let rows = text.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(rows, ROUTINES.len());
    }
}
