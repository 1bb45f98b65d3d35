//! What strangers sent, kept as evidence in a small file of the day's folder: `strangers.jsonl`.
//!
//! The order core hands a note over a bounded queue and never waits; the capture thread masks the
//! secrets in it and appends one line of JSON. The file has a bound for the whole day, over all
//! starts, so that no flood fills the disk: what does not fit is only counted. The form of a line
//! is in `captures/FORMAT.md`, "Strangers". Not in it: who is a stranger (see `strangers.rs`).

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

use gwanmun_gateway::secrets::mask_fragment;
use gwanmun_gateway::stranger::StrangerFault;

use crate::day::private_file;

/// First bytes of a line that are kept: a Logon with all that it may carry fits.
pub(crate) const FIRST_BYTES_MAX: usize = 512;
/// Notes that wait for the capture thread; those beyond are only counted.
pub(crate) const NOTES_MAX: usize = 256;
/// Size of the day's file: some thousand lines of ordinary length.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Notes written in one turn of the capture thread, which has a journal to follow.
const NOTES_PER_TURN: usize = 16;

/// A stranger who is gone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StrangerNote {
    pub(crate) since_ns: u64,
    pub(crate) until_ns: u64,
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
    /// Why he was sent away; `None` where he left by himself.
    pub(crate) fault: Option<StrangerFault>,
    /// Bytes that were received from him.
    pub(crate) total: u64,
    /// The first of them, as many as there is room for.
    pub(crate) first: [u8; FIRST_BYTES_MAX],
}

/// Lines of one start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StrangerLines {
    /// In the file.
    pub(crate) kept: u64,
    /// Only counted.
    pub(crate) dropped: u64,
}

/// The file and its end of the queue.
pub(crate) struct StrangerStore {
    notes: Receiver<StrangerNote>,
    path: PathBuf,
    /// Opened with the first note of a start.
    file: Option<File>,
    /// Its length.
    bytes: u64,
    /// A line did not fit; none is tried any more in this start.
    is_full: bool,
    /// Lines of one turn.
    text: String,
    lines: StrangerLines,
}

impl StrangerStore {
    pub(crate) fn new(day: &Path, notes: Receiver<StrangerNote>) -> StrangerStore {
        StrangerStore {
            notes,
            path: day.join("strangers.jsonl"),
            file: None,
            bytes: 0,
            is_full: false,
            text: String::new(),
            lines: StrangerLines::default(),
        }
    }

    /// Writes some of the notes that wait, at once; tells whether more may wait. A file that cannot
    /// be written costs lines, never more.
    pub(crate) fn turn(&mut self) -> bool {
        self.text.clear();
        let mut taken = 0;
        let mut count = 0;
        for _ in 0..NOTES_PER_TURN {
            let Ok(mut note) = self.notes.try_recv() else {
                break;
            };
            taken += 1;
            let before = self.text.len();
            if self.has_room() {
                write_line(&mut self.text, &mut note);
            }
            if self.text.len() > before && self.fits() {
                count += 1;
            } else {
                self.text.truncate(before);
                self.lines.dropped += 1;
            }
        }
        if count > 0 {
            match self.append() {
                Ok(()) => self.lines.kept += count,
                Err(_) => self.lines.dropped += count,
            }
        }
        taken == NOTES_PER_TURN
    }

    /// Whether the file can be written and is not full. Asked before a line is made: a flood goes
    /// on for long after that.
    fn has_room(&mut self) -> bool {
        if self.file.is_none() {
            let Ok((file, bytes)) = open(&self.path) else {
                return false;
            };
            (self.file, self.bytes) = (Some(file), bytes);
        }
        !self.is_full
    }

    /// Whether the file holds the lines so far; where it does not, it is full from then on.
    fn fits(&mut self) -> bool {
        self.is_full |= self.bytes + self.text.len() as u64 > FILE_BYTES_MAX;
        !self.is_full
    }

    /// Writes all notes that wait.
    pub(crate) fn finish(&mut self) -> StrangerLines {
        for _ in 0..NOTES_MAX.div_ceil(NOTES_PER_TURN) {
            if !self.turn() {
                break;
            }
        }
        self.lines
    }

    fn append(&mut self) -> io::Result<()> {
        let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
        // A line that was written in part is overwritten by the next one.
        file.write_all_at(self.text.as_bytes(), self.bytes)?;
        self.bytes += self.text.len() as u64;
        file.set_len(self.bytes)
    }
}

/// The file, and the end of the lines that are in it.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let bytes = end_of_lines(path)?;
    Ok((private_file(path)?, bytes))
}

/// Behind the last whole line that an earlier start has left.
fn end_of_lines(path: &Path) -> io::Result<u64> {
    let content = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        read => read?,
    };
    let last = content.iter().rposition(|&byte| byte == b'\n');
    Ok(last.map_or(0, |last| last as u64 + 1))
}

/// Appends the line of a note, its secrets masked.
fn write_line(json: &mut String, note: &mut StrangerNote) {
    let kept = usize::try_from(note.total).map_or(FIRST_BYTES_MAX, |it| it.min(FIRST_BYTES_MAX));
    let first = note.first.get_mut(..kept).unwrap_or_default();
    mask_fragment(first);
    let _ = write!(
        json,
        "{{\"since_ns\":{},\"until_ns\":{},\"peer\":\"{}\",\"local\":\"{}\",",
        note.since_ns, note.until_ns, note.peer, note.local
    );
    let _ = match note.fault {
        Some(fault) => write!(json, "\"fault\":\"{fault:?}\","),
        None => write!(json, "\"fault\":null,"),
    };
    let _ = write!(json, "\"bytes\":{},\"first\":\"", note.total);
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    for &byte in first.iter() {
        match byte {
            b'"' | b'\\' => json.extend(['\\', char::from(byte)]),
            b' '..=b'~' => json.push(char::from(byte)),
            _ => json.extend(['\\', 'u', '0', '0', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    json.push_str("\"}\n");
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    fn note(bytes: &[u8]) -> StrangerNote {
        let mut first = [0; FIRST_BYTES_MAX];
        let kept = bytes.len().min(FIRST_BYTES_MAX);
        first[..kept].copy_from_slice(&bytes[..kept]);
        StrangerNote {
            since_ns: 1,
            until_ns: 2,
            peer: SocketAddr::from(([1, 2, 3, 4], 5)),
            local: SocketAddr::from(([6, 7, 8, 9], 10)),
            fault: Some(StrangerFault::Credentials),
            total: bytes.len() as u64,
            first,
        }
    }

    fn line(note: &mut StrangerNote) -> String {
        let mut json = String::new();
        write_line(&mut json, note);
        json
    }

    fn folder(name: &str) -> PathBuf {
        let unique = format!("gwanmun-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(unique);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_line_is_json_with_control_characters_escaped_and_secrets_masked() {
        let mut given = note(b"8=F\x01554=a\"b\x01\x00\xff\\\"\n");
        let expected = "{\"since_ns\":1,\"until_ns\":2,\"peer\":\"1.2.3.4:5\",\
                        \"local\":\"6.7.8.9:10\",\"fault\":\"Credentials\",\"bytes\":17,\
                        \"first\":\"8=F\\u0001554=***\\u0001*****\"}\n";
        assert_eq!(line(&mut given), expected);
        let mut given = note(b"\x00\xff\\\"\n\x7f");
        let shown = "\"first\":\"\\u0000\\u00ff\\\\\\\"\\u000a\\u007f\"}\n";
        let said = line(&mut given);
        assert!(said.ends_with(shown), "{said}");
        given.fault = None;
        assert!(line(&mut given).contains("\"fault\":null,"));
        let said = line(&mut note(&[b'x'; 2_000]));
        assert!(said.contains("\"bytes\":2000,"));
        assert_eq!(said.matches('x').count(), FIRST_BYTES_MAX);
    }

    /// The thread does not rest while it says that more may wait, so a queue that is full before
    /// a rest is empty behind it.
    #[test]
    fn it_tells_when_more_may_wait() {
        let folder = folder("stranger-turns");
        let (sender, notes) = sync_channel(NOTES_MAX);
        let mut store = StrangerStore::new(&folder, notes);
        assert!(!store.turn());
        for _ in 0..NOTES_MAX {
            sender.try_send(note(b"x")).unwrap();
        }
        assert!(sender.try_send(note(b"x")).is_err());
        let turns = (0..NOTES_MAX).take_while(|_| store.turn()).count();
        assert_eq!(turns, NOTES_MAX / NOTES_PER_TURN);
        assert_eq!(store.lines.kept, NOTES_MAX as u64);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_file_has_a_bound_over_all_starts_and_the_rest_is_counted() {
        let folder = folder("stranger-store");
        let path = folder.join("strangers.jsonl");
        let mut kept_before = 0;
        for _ in 0..3 {
            let (sender, notes) = sync_channel(NOTES_MAX);
            let mut store = StrangerStore::new(&folder, notes);
            for _ in 0..4 {
                for _ in 0..NOTES_MAX {
                    sender.try_send(note(&[1; 400])).unwrap();
                }
                let _ = store.finish();
            }
            let lines = store.finish();
            assert_eq!(lines.kept + lines.dropped, 4 * NOTES_MAX as u64);
            let text = std::fs::read_to_string(&path).unwrap();
            kept_before += lines.kept;
            assert_eq!(text.lines().count() as u64, kept_before);
            assert!(text.len() as u64 <= FILE_BYTES_MAX);
            assert!(text.ends_with("}\n"));
        }
        assert!(
            kept_before < 3 * 4 * NOTES_MAX as u64,
            "the bound was reached"
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn half_a_line_of_a_killed_start_is_overwritten() {
        let folder = folder("stranger-half");
        let path = folder.join("strangers.jsonl");
        std::fs::write(&path, "{\"whole\":1}\n{\"hal").unwrap();
        let (sender, notes) = sync_channel(1);
        let mut store = StrangerStore::new(&folder, notes);
        sender.try_send(note(b"")).unwrap();
        assert_eq!(store.finish().kept, 1);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(text.lines().all(|line| line.ends_with('}')), "{text}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
