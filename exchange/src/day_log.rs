//! The venue's memory over a restart: what it took, in order, in one file that is only appended to.
//!
//! In it: [`DayLog`], which writes what came on the order lines, and [`Past`], which reads it back.
//! A venue gives the same reports to the same messages at the same times, so the messages are all
//! that has to be kept: at a start they are given to a new venue, which then has the same books,
//! numbers and streams. Each record also tells a checksum of all reports so far, so that a venue
//! that would now say something else is found out instead of believed. Not in it: the ledger, which
//! follows from this file and is written anew at each start (see [`crate::desk`]).
//!
//! The file outlives its process, killed at any moment, and not a loss of power: it is handed to
//! the kernel before anything that follows from it is sent, and never synced.
//!
//! Layout, numbers in little-endian: the 16 bytes of [`MAGIC`], then records. The first tells the
//! session, each further one is a packet.
//!
//! | offset | length | field | note |
//! | --- | --- | --- | --- |
//! | 0 | 4 | length | of the body, in bytes |
//! | 4 | 4 | head check | CRC-32C of the record's offset in the file (8 bytes) and the length |
//! | 8 | 4 | body check | CRC-32C of the head check and the body |
//! | 12 | | first body | session 10, identity 4, start of the day 8, UTC 8, time of day 8 |
//! | 12 | | any other | UTC 8, time of day 8, line 4, account 4, acted on 1, told 4, packet |
//!
//! Since the length has a check of its own, a file that ends within a record was cut there by the
//! process's end, and is cut back to the record before; everything else that does not check is
//! damage, and refused with its place.

use core::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use gwanmun_binary::soup::packet::PACKET_BYTES_MAX;

use crate::clock::Moment;

/// What a day log begins with.
pub const MAGIC: [u8; 16] = *b"gwanmun-venue-1\n";
const HEAD_BYTES: usize = 12;
/// Bytes of a packet's record before the packet.
const ENTRY_BYTES: usize = 29;
const FIRST_BYTES: usize = 38;
/// A length above this is none that was ever written.
const BODY_BYTES_MAX: usize = ENTRY_BYTES + PACKET_BYTES_MAX;
/// Account of a line that has not logged in.
const NOBODY: u32 = u32::MAX;

/// The session that a day log is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name, padded with blanks.
    pub name: [u8; 10],
    /// Checksum of all in the configuration that decides what the venue says.
    pub identity: u32,
    /// UTC of the day's 00:00 KST, in nanoseconds.
    pub day_start_ns: u64,
    /// When it began.
    pub began: Moment,
}

/// A packet that came on an order line, and what followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// When it came.
    pub moment: Moment,
    /// Number of the line.
    pub line: u32,
    /// Whose line it was; `None` before a login.
    pub account: Option<usize>,
    /// Whether its message was given to the venue.
    pub is_acted_on: bool,
    /// Checksum of all reports of the day, those that followed included.
    pub told: u32,
    /// The packet, its password masked.
    pub packet: &'a [u8],
}

/// Why a day log cannot be gone on with.
#[derive(Debug)]
pub enum DayLogError {
    /// The file cannot be opened, read, written or cut.
    Io(io::Error),
    /// Another process has it.
    InUse,
    /// The file is something else.
    NotADayLog,
    /// The record at this offset, in bytes, does not check.
    Damaged(u64),
    /// It is of the session with this name.
    OtherSession([u8; 10]),
    /// The configuration is another one than the day began with.
    OtherTerms,
    /// From the record at this offset on, this venue would have said something else.
    ToldOtherwise(u64),
}

impl fmt::Display for DayLogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DayLogError::Io(error) => write!(f, "the day log cannot be used: {error}"),
            DayLogError::InUse => f.write_str("another venue is writing this day log"),
            DayLogError::NotADayLog => {
                f.write_str("the file is no day log; name another one, or one that is not there")
            }
            DayLogError::Damaged(offset) => write!(
                f,
                "the day log is damaged at byte {offset}; move it away to begin the day anew"
            ),
            DayLogError::OtherSession(name) => write!(
                f,
                "the day log is of session {}; give the new session a day log of its own",
                name.trim_ascii_end().escape_ascii()
            ),
            DayLogError::OtherTerms => f.write_str(
                "the day began with other users, instruments, participants, script or faults; \
                 bring them back, or begin a new session with a day log of its own",
            ),
            DayLogError::ToldOtherwise(offset) => write!(
                f,
                "this venue would not say again what it said at byte {offset} of the day log; \
                 go on with the version that wrote it"
            ),
        }
    }
}

impl core::error::Error for DayLogError {}

impl From<io::Error> for DayLogError {
    fn from(error: io::Error) -> Self {
        DayLogError::Io(error)
    }
}

/// Appends to a day log.
#[derive(Debug)]
pub struct DayLog {
    into: BufWriter<File>,
    /// Where the next record begins.
    offset: u64,
    has_unflushed: bool,
}

impl DayLog {
    /// Opens a day log, or begins one where there is none, or one that ends within its first
    /// record: then `now` is the session's. The past is whole, but not yet believed.
    ///
    /// # Errors
    /// [`DayLogError`], but for [`DayLogError::ToldOtherwise`].
    pub fn open(path: &Path, now: Session) -> Result<(DayLog, Past), DayLogError> {
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => DayLogError::InUse,
            TryLockError::Error(error) => DayLogError::Io(error),
        })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let past = Past::read(bytes)?;
        if let Some(session) = past.session() {
            if session.name != now.name {
                return Err(DayLogError::OtherSession(session.name));
            }
            if session.identity != now.identity {
                return Err(DayLogError::OtherTerms);
            }
        }
        let is_new = past.session().is_none();
        let whole = if is_new { 0 } else { past.bytes.len() };
        let offset = u64::try_from(whole).unwrap_or(u64::MAX);
        file.set_len(offset)?;
        file.seek(SeekFrom::Start(offset))?;
        let into = BufWriter::new(file);
        let mut log = DayLog {
            into,
            offset,
            has_unflushed: false,
        };
        if is_new {
            log.begin(&now)?;
        }
        Ok((log, past))
    }

    fn begin(&mut self, session: &Session) -> io::Result<()> {
        self.into.write_all(&MAGIC)?;
        self.offset = 16;
        let mut body = session.name.to_vec();
        body.extend(session.identity.to_le_bytes());
        body.extend(session.day_start_ns.to_le_bytes());
        body.extend(session.began.utc_ns.to_le_bytes());
        body.extend(session.began.day_ns.to_le_bytes());
        self.append(&body)?;
        self.flush()
    }

    /// Adds a packet; on its way to the kernel with [`DayLog::flush`] at the latest.
    ///
    /// # Errors
    /// Whatever the file finds.
    pub fn add(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let account = entry.account.map(|account| u32::try_from(account).ok());
        let mut body = Vec::with_capacity(ENTRY_BYTES + entry.packet.len());
        body.extend(entry.moment.utc_ns.to_le_bytes());
        body.extend(entry.moment.day_ns.to_le_bytes());
        body.extend(entry.line.to_le_bytes());
        body.extend(account.flatten().unwrap_or(NOBODY).to_le_bytes());
        body.push(u8::from(entry.is_acted_on));
        body.extend(entry.told.to_le_bytes());
        body.extend(entry.packet);
        self.append(&body)
    }

    fn append(&mut self, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let head_check = head_check(self.offset, length);
        self.into.write_all(&length.to_le_bytes())?;
        self.into.write_all(&head_check.to_le_bytes())?;
        let body_check = crc32c::crc32c_append(head_check, body);
        self.into.write_all(&body_check.to_le_bytes())?;
        self.into.write_all(body)?;
        self.offset += u64::try_from(HEAD_BYTES + body.len()).unwrap_or(u64::MAX);
        self.has_unflushed = true;
        Ok(())
    }

    /// Hands everything to the kernel, where it outlives the process.
    ///
    /// # Errors
    /// Whatever the file finds.
    pub fn flush(&mut self) -> io::Result<()> {
        if core::mem::take(&mut self.has_unflushed) {
            self.into.flush()?;
        }
        Ok(())
    }
}

fn head_check(offset: u64, length: u32) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&offset.to_le_bytes()), &length.to_le_bytes())
}

/// What a day log tells of the day so far.
#[derive(Debug)]
pub struct Past {
    /// Invariant: whole records behind the magic, all of which check.
    bytes: Vec<u8>,
    torn_bytes: u64,
}

impl Past {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// [`DayLogError::NotADayLog`] and [`DayLogError::Damaged`].
    pub fn read(mut bytes: Vec<u8>) -> Result<Past, DayLogError> {
        let magic = bytes.len().min(MAGIC.len());
        if bytes.get(..magic) != MAGIC.get(..magic) {
            return Err(DayLogError::NotADayLog);
        }
        let mut at = magic;
        while let Some(body) = body_at(&bytes, at)? {
            let is_first = at == MAGIC.len();
            let is_long_enough = if is_first {
                body.len() == FIRST_BYTES
            } else {
                body.len() >= ENTRY_BYTES
            };
            if !is_long_enough {
                return Err(damaged(at));
            }
            at += HEAD_BYTES + body.len();
        }
        let torn_bytes = u64::try_from(bytes.len() - at).unwrap_or(u64::MAX);
        bytes.truncate(at);
        Ok(Past { bytes, torn_bytes })
    }

    /// The session; `None` for a day that had not begun.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        let mut body = self.records().next()?.1;
        Some(Session {
            name: *take(&mut body)?,
            identity: u32::from_le_bytes(*take(&mut body)?),
            day_start_ns: u64::from_le_bytes(*take(&mut body)?),
            began: moment(&mut body)?,
        })
    }

    /// The packets in their order, each with its offset in the file.
    pub fn entries(&self) -> impl Iterator<Item = (u64, Entry<'_>)> {
        self.records().skip(1).filter_map(|(offset, mut body)| {
            let body = &mut body;
            let moment = moment(body)?;
            let line = u32::from_le_bytes(*take(body)?);
            let account = u32::from_le_bytes(*take(body)?);
            let entry = Entry {
                moment,
                line,
                account: usize::try_from(account).ok().filter(|_| account != NOBODY),
                is_acted_on: take(body)? != &[0],
                told: u32::from_le_bytes(*take(body)?),
                packet: body,
            };
            Some((offset, entry))
        })
    }

    /// Bytes of a record that was not whole, taken off the file's end.
    #[must_use]
    pub const fn torn_bytes(&self) -> u64 {
        self.torn_bytes
    }

    fn records(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut at = MAGIC.len();
        core::iter::from_fn(move || {
            let body = body_at(&self.bytes, at).ok().flatten()?;
            let offset = u64::try_from(at).unwrap_or(u64::MAX);
            at += HEAD_BYTES + body.len();
            Some((offset, body))
        })
    }
}

/// The body of the record at an offset; `None` where the bytes end before it is whole.
fn body_at(bytes: &[u8], at: usize) -> Result<Option<&[u8]>, DayLogError> {
    let mut rest = bytes.get(at..).unwrap_or_default();
    let rest = &mut rest;
    let (Some(length), Some(head), Some(check)) = (take(rest), take(rest), take(rest)) else {
        return Ok(None);
    };
    let length = u32::from_le_bytes(*length);
    let head = u32::from_le_bytes(*head);
    let size = usize::try_from(length).unwrap_or(usize::MAX);
    if head != head_check(u64::try_from(at).unwrap_or(u64::MAX), length) || size > BODY_BYTES_MAX {
        return Err(damaged(at));
    }
    let Some(body) = rest.get(..size) else {
        return Ok(None);
    };
    if crc32c::crc32c_append(head, body) != u32::from_le_bytes(*check) {
        return Err(damaged(at));
    }
    Ok(Some(body))
}

fn damaged(at: usize) -> DayLogError {
    DayLogError::Damaged(u64::try_from(at).unwrap_or(u64::MAX))
}

fn take<'a, const N: usize>(from: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(taken)
}

fn moment(from: &mut &[u8]) -> Option<Moment> {
    Some(Moment {
        utc_ns: u64::from_le_bytes(*take(from)?),
        day_ns: u64::from_le_bytes(*take(from)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: Session = Session {
        name: *b"KRX       ",
        identity: 7,
        day_start_ns: 1_000,
        began: Moment {
            utc_ns: 1_500,
            day_ns: 500,
        },
    };

    fn entry(number: u32, packet: &[u8]) -> Entry<'_> {
        Entry {
            moment: Moment {
                utc_ns: 2_000 + u64::from(number),
                day_ns: 1_000,
            },
            line: number,
            account: (number > 0).then_some(1),
            is_acted_on: number > 1,
            told: number * 11,
            packet,
        }
    }

    const PACKETS: [&[u8]; 4] = [b"login", b"", b"a message", b"\0\0\0\0"];

    fn path(name: &str) -> std::path::PathBuf {
        let unique = format!("gwanmun-day-log-{}-{name}", std::process::id());
        std::env::temp_dir().join(unique)
    }

    fn written(name: &str) -> (std::path::PathBuf, Vec<u8>) {
        let path = path(name);
        let _ = std::fs::remove_file(&path);
        let (mut log, past) = DayLog::open(&path, SESSION).unwrap();
        assert_eq!(past.session(), None);
        for (number, packet) in (0..).zip(PACKETS) {
            log.add(&entry(number, packet)).unwrap();
        }
        log.flush().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        (path, bytes)
    }

    fn check(past: &Past, count: usize) {
        let got: Vec<Entry<'_>> = past.entries().map(|(_, entry)| entry).collect();
        let want: Vec<Entry<'_>> = (0..)
            .zip(PACKETS)
            .map(|(number, packet)| entry(number, packet))
            .take(count)
            .collect();
        assert_eq!(got, want);
    }

    #[test]
    fn a_file_cut_anywhere_gives_the_whole_records_and_goes_on() {
        let (path, bytes) = written("cut");
        let whole = Past::read(bytes.clone()).unwrap();
        check(&whole, PACKETS.len());
        assert_eq!(whole.session(), Some(SESSION));
        let ends: Vec<usize> = whole
            .entries()
            .map(|(offset, entry)| {
                usize::try_from(offset).unwrap() + HEAD_BYTES + ENTRY_BYTES + entry.packet.len()
            })
            .collect();
        for length in 0..bytes.len() {
            std::fs::write(&path, &bytes[..length]).unwrap();
            let (mut log, past) = DayLog::open(&path, SESSION).unwrap();
            let count = ends.iter().filter(|end| **end <= length).count();
            check(&past, count);
            for (number, packet) in (0..).zip(PACKETS).skip(count) {
                log.add(&entry(number, packet)).unwrap();
            }
            drop(log);
            assert_eq!(std::fs::read(&path).unwrap(), bytes, "cut at {length}");
        }
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_changed_byte_is_damage_at_its_record_and_the_file_is_left_alone() {
        let (path, bytes) = written("flip");
        let whole = Past::read(bytes.clone()).unwrap();
        let mut starts: Vec<u64> = whole.entries().map(|(offset, _)| offset).collect();
        starts.insert(0, 16);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            std::fs::write(&path, &changed).unwrap();
            let place = u64::try_from(at).unwrap();
            match DayLog::open(&path, SESSION).unwrap_err() {
                DayLogError::NotADayLog => assert!(at < 16, "{at}"),
                DayLogError::Damaged(offset) => {
                    let want = starts.iter().rev().find(|start| **start <= place);
                    assert_eq!(Some(&offset), want, "{at}");
                }
                other => panic!("{at}: {other}"),
            }
            assert_eq!(std::fs::read(&path).unwrap(), changed, "{at}");
        }
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_day_log_is_one_session_s_one_configuration_s_and_one_process_s() {
        let (path, _) = written("whose");
        let other = Session {
            name: *b"NXT       ",
            ..SESSION
        };
        let refusal = DayLog::open(&path, other).unwrap_err();
        assert!(refusal.to_string().contains("session KRX;"), "{refusal}");
        let other = Session {
            identity: 8,
            ..SESSION
        };
        let refusal = DayLog::open(&path, other).unwrap_err();
        assert!(matches!(refusal, DayLogError::OtherTerms));
        let later = Session {
            day_start_ns: 2_000,
            ..SESSION
        };
        let (held, past) = DayLog::open(&path, later).unwrap();
        assert_eq!(past.session(), Some(SESSION));
        let refusal = DayLog::open(&path, SESSION).unwrap_err();
        assert!(matches!(refusal, DayLogError::InUse));
        drop(held);
        std::fs::write(&path, "order_listen = 1\n").unwrap();
        let refusal = DayLog::open(&path, SESSION).unwrap_err();
        assert!(matches!(refusal, DayLogError::NotADayLog));
        std::fs::remove_file(path).unwrap();
    }
}
