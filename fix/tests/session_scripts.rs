//! Ring 3: session behaviour as data. Runs every file of `session_scripts/`, named after the
//! families of the FIX session test cases, in each version; `session_scripts/README.md` tells how a
//! script is written.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and one that passes tells how much it ran"
)]

mod session_support;

use std::fs;
use std::path::Path;

use gwanmun_fix::session::{
    ApplicationTypes, DisconnectReason, Numbers, Outcome, ResendProgress, SeqNumReset, Session,
    SessionTerms,
};
use gwanmun_fix::time::Precision;
use gwanmun_fix::{Frame, Index, Message, SessionRejectReason, Version, frame};
use gwanmun_market::Text;
use session_support::{Outbox, SECOND_NS, START_NS, Store, readable, timestamp, whole};

struct Run {
    terms: SessionTerms,
    session: Session,
    now_ns: u64,
    outbox: Outbox,
    store: Store,
    /// What was written and no `E` line has asked for yet.
    written: Vec<Vec<u8>>,
    /// What the last action gave, until a `D` or `X` line has asked for it.
    outcome: Outcome,
}

impl Run {
    fn new(version: Version) -> Run {
        let terms = SessionTerms {
            version,
            ..SessionTerms::new(text("GATE"), text("MEMBER"), true)
        };
        Run {
            terms,
            session: Session::new(terms),
            now_ns: START_NS,
            outbox: Outbox::new(),
            store: Store::default(),
            written: Vec::new(),
            outcome: Outcome::Ignore,
        }
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if !matches!(word, "E" | "D" | "X" | "NUMBERS") {
            self.settled()?;
        }
        match word {
            "TERMS" => self.set_terms(rest)?,
            "RESTORE" => {
                let numbers = numbers(rest)?;
                self.session.restore(numbers);
                self.store.begin_at(numbers.next_out);
            }
            "CONNECT" => self.session.on_connect(self.now_ns),
            "CLOSED" => self.session.on_disconnect(),
            "LOGON" => {
                let result = self.session.logon(self.now_ns, &mut self.outbox, |_| {});
                result.map_err(|error| format!("{error:?}"))?;
            }
            "LOGOUT" => {
                let outcome = self
                    .session
                    .logout(rest.as_bytes(), self.now_ns, &mut self.outbox);
                self.outcome = outcome;
            }
            "SEND" => self.send(rest)?,
            "ROOM" => self.outbox.room_bytes = rest.parse().map_err(|error| format!("{error}"))?,
            "ELSEWHERE" => {
                let mut ends = rest.split(' ').map(|end| end.parse().unwrap_or(0));
                self.store.elsewhere = ends.next().unwrap_or(0)..ends.next().unwrap_or(0);
            }
            "I" => self.receive(&self.inbound(rest)),
            "R" => self.receive(rest.replace('|', "\u{1}").as_bytes()),
            "T" => self.wait(rest)?,
            "STEP" => {}
            "E" => return self.expect(rest),
            "D" => return self.expect_outcome(Outcome::Deliver),
            "X" => return self.expect_outcome(Outcome::Disconnect(reason(rest)?)),
            "NUMBERS" => {
                let (found, wanted) = (self.session.numbers(), numbers(rest)?);
                return if found == wanted {
                    Ok(())
                } else {
                    Err(format!("{found:?}"))
                };
            }
            _ => return Err("no such word".to_owned()),
        }
        self.resend()?;
        self.collect();
        Ok(())
    }

    fn set_terms(&mut self, rest: &str) -> Result<(), String> {
        for setting in rest.split(' ') {
            let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
            let number = value.parse().unwrap_or(0);
            match key {
                "initiator" => {
                    self.terms = SessionTerms {
                        version: self.terms.version,
                        ..SessionTerms::new(text("GATE"), text("MEMBER"), false)
                    }
                }
                "reset_on_logon" => self.terms.reset = SeqNumReset::OnRequest,
                "reset_each_logon" => self.terms.reset = SeqNumReset::EachLogon,
                "tells_next_expected" => self.terms.tells_next_expected = true,
                "tells_last_processed" => self.terms.tells_last_processed = true,
                "resend_request_numbers_max" => self.terms.resend_request_numbers_max = number,
                "message_bytes_max" => self.terms.message_bytes_max = number,
                "all_types" => self.terms.application_types = ApplicationTypes::All,
                "seconds" => self.terms.precision = Precision::Seconds,
                "microseconds" => self.terms.precision = Precision::Microseconds,
                "nanoseconds" => self.terms.precision = Precision::Nanoseconds,
                "heart_bt_int_s" => self.terms.heart_bt_int_s = number,
                "heart_bt_int_s_min" => self.terms.heart_bt_int_s_min = number,
                "no_latency_check" => self.terms.check_latency = false,
                _ => return Err(format!("no such term: {key}")),
            }
        }
        self.session = Session::new(self.terms);
        Ok(())
    }

    /// Fields that a line leaves out are filled in: the right BeginString, CompIDs and SendingTime.
    fn inbound(&self, rest: &str) -> Vec<u8> {
        let version = self.terms.version;
        let mut begin_string = std::str::from_utf8(version.begin_string()).unwrap();
        let mut head = String::new();
        let mut body = String::new();
        for field in rest.split('|').filter(|field| !field.is_empty()) {
            match field.split_once('=') {
                Some(("8", value)) => begin_string = value,
                Some(("35", _)) => head.push_str(&format!("{field}|")),
                // `tag=-` leaves a field out that would be filled in.
                Some((_, "-")) => {}
                Some((tag, shift))
                    if matches!(tag, "52" | "122") && shift.starts_with(['+', '-']) =>
                {
                    let seconds: i64 = shift.trim_end_matches('s').parse().unwrap();
                    let ns = self.now_ns.saturating_add_signed(seconds * 1_000_000_000);
                    body.push_str(&format!("{tag}={}|", timestamp(ns)));
                }
                _ => body.push_str(&format!("{field}|")),
            }
        }
        let names = |tag: &str| rest.split('|').any(|field| field.starts_with(tag));
        for (tag, value) in [("49=", "MEMBER"), ("56=", "GATE")] {
            if !names(tag) {
                head.push_str(&format!("{tag}{value}|"));
            }
        }
        if let Some(id) = version.appl_ver_id()
            && rest.contains("35=A|")
            && !names("1137=")
        {
            body.push_str(&format!("1137={}|", id.escape_ascii()));
        }
        if !names("52=") {
            head.push_str(&format!("52={}|", timestamp(self.now_ns)));
        }
        whole(begin_string, &(head + &body))
    }

    fn receive(&mut self, bytes: &[u8]) {
        let Frame::Whole { length } = frame::frame(bytes, 8192) else {
            self.outcome = Outcome::Ignore;
            return;
        };
        let mut index = Index::new();
        let (message, defect) = Message::read(&bytes[..length], &mut index);
        let defect = defect.or_else(|| message.duplicate_tag());
        let (session, sink) = (&mut self.session, &mut self.outbox);
        self.outcome = match defect {
            None => session.on_message(&message, self.now_ns, sink),
            Some(defect) => session.on_defective(&message, defect, self.now_ns, sink),
        };
    }

    fn send(&mut self, rest: &str) -> Result<(), String> {
        let mut fields = rest.split('|').filter_map(|field| field.split_once('='));
        let (_, msg_type) = fields.next().ok_or("no MsgType(35)")?;
        let sent = self.session.send(
            msg_type.as_bytes(),
            self.now_ns,
            &mut self.outbox,
            |writer| {
                for (tag, value) in fields {
                    writer.bytes(tag.parse().unwrap(), value.as_bytes());
                }
            },
        );
        sent.map(|_| ()).map_err(|error| format!("{error:?}"))
    }

    /// Lets time pass, serving every deadline on its way.
    fn wait(&mut self, rest: &str) -> Result<(), String> {
        let seconds = rest.trim_start_matches('+').trim_end_matches('s');
        let seconds: f64 = seconds.parse().map_err(|error| format!("{error}"))?;
        // Tenths of a second are exact in the scripts.
        let tenths = format!("{:.0}", seconds * 10.0).parse::<u64>().unwrap();
        let target_ns = self.now_ns + tenths * SECOND_NS / 10;
        while let Some(deadline_ns) = self.session.next_deadline_ns() {
            if deadline_ns > target_ns {
                break;
            }
            assert!(deadline_ns >= self.now_ns, "a deadline is not in the past");
            self.now_ns = deadline_ns;
            let outcome = self.session.on_deadline(deadline_ns, &mut self.outbox);
            self.outcome = outcome;
        }
        self.now_ns = target_ns;
        Ok(())
    }

    fn resend(&mut self) -> Result<(), String> {
        for _ in 0..100 {
            self.keep();
            let progress = self
                .session
                .resend_step(self.now_ns, &self.store, &mut self.outbox);
            if progress != ResendProgress::More || self.outbox.room_bytes < 2048 {
                self.keep();
                return Ok(());
            }
        }
        Err("a resend does not end".to_owned())
    }

    fn keep(&mut self) {
        for (sent, bytes) in &self.outbox.messages {
            self.store.keep(*sent, bytes);
        }
        self.collect();
    }

    fn collect(&mut self) {
        self.written
            .extend(self.outbox.take().into_iter().map(|(_, bytes)| bytes));
    }

    /// Everything that happened was asked for.
    fn settled(&self) -> Result<(), String> {
        if let Some(bytes) = self.written.first() {
            return Err(format!("not expected: {}", readable(bytes)));
        }
        match self.outcome {
            Outcome::Ignore | Outcome::Answered => Ok(()),
            outcome => Err(format!("not expected: {outcome:?}")),
        }
    }

    fn expect(&mut self, rest: &str) -> Result<(), String> {
        if self.written.is_empty() {
            return Err("nothing was written".to_owned());
        }
        let bytes = self.written.remove(0);
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).map_err(|error| format!("{error:?}"))?;
        assert_eq!(message.begin_string(), self.terms.version.begin_string());
        assert_eq!(message.sender_comp_id(), Some(&b"GATE"[..]));
        assert_eq!(message.target_comp_id(), Some(&b"MEMBER"[..]));
        assert!(message.sending_time_ns().is_ok());
        let found: Vec<String> = message
            .fields()
            .filter(|(tag, _)| !matches!(tag, 8 | 9 | 10 | 49 | 52 | 56))
            .map(|(tag, value)| format!("{tag}={}", value.escape_ascii()))
            .collect();
        let wanted = self.in_version(rest);
        let fits = found.len() == wanted.len()
            && found.iter().zip(&wanted).all(|(found, wanted)| {
                *found == *wanted
                    || wanted
                        .strip_suffix('*')
                        .is_some_and(|w| found.starts_with(w))
            });
        if fits {
            Ok(())
        } else {
            Err(format!("found: {}", found.join("|")))
        }
    }

    /// What an `E` line asks for, in the words of the run's version.
    fn in_version(&self, rest: &str) -> Vec<String> {
        let version = self.terms.version;
        let mut wanted: Vec<String> = rest
            .split('|')
            .filter(|field| !field.is_empty())
            // A reason that came later is told by its text alone.
            .filter(|field| match field.split_once('=') {
                Some(("373", number)) => SessionRejectReason::from_number(number.parse().unwrap())
                    .is_some_and(|reason| version.has_reason(reason)),
                _ => true,
            })
            .map(str::to_owned)
            .collect();
        if let Some(id) = version.appl_ver_id()
            && wanted.first().is_some_and(|field| field == "35=A")
            && !wanted.iter().any(|field| field.starts_with("1137="))
        {
            wanted.push(format!("1137={}", id.escape_ascii()));
        }
        wanted
    }

    fn expect_outcome(&mut self, wanted: Outcome) -> Result<(), String> {
        let found = std::mem::replace(&mut self.outcome, Outcome::Ignore);
        if found == wanted {
            Ok(())
        } else {
            Err(format!("found: {found:?}"))
        }
    }
}

fn text(text: &str) -> Text<32> {
    Text::new(text.as_bytes()).unwrap()
}

fn numbers(rest: &str) -> Result<Numbers, String> {
    let (next_in, next_out) = rest.split_once(' ').ok_or("two numbers are needed")?;
    let number = |text: &str| text.parse().map_err(|error| format!("{error}"));
    Ok(Numbers {
        next_in: number(next_in)?,
        next_out: number(next_out)?,
    })
}

fn reason(rest: &str) -> Result<DisconnectReason, String> {
    let all = [
        DisconnectReason::FirstMessageNotLogon,
        DisconnectReason::LogonTimeout,
        DisconnectReason::LogonRefused,
        DisconnectReason::LogonRefusedByPeer,
        DisconnectReason::BeginString,
        DisconnectReason::CompId,
        DisconnectReason::SendingTime,
        DisconnectReason::MsgSeqNumUnreadable,
        DisconnectReason::MsgSeqNumTooLow,
        DisconnectReason::LoggedOut,
        DisconnectReason::LogoutTimeout,
        DisconnectReason::PeerSilent,
        DisconnectReason::NoRoom,
    ];
    all.into_iter()
        .find(|known| format!("{known:?}") == rest)
        .ok_or("no such reason".to_owned())
}

/// Runs a script in one version and tells how many of its cases there were.
fn check(name: &str, script: &str, version: Version) -> Result<usize, String> {
    let mut run = Run::new(version);
    let mut cases = 1;
    let mut is_for_others = false;
    for (number, line) in script.lines().enumerate() {
        let at = |error: String| {
            let version = version.name();
            format!("{name}:{} ({version}): {line}\n    {error}", number + 1)
        };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line == "BEGIN" {
            run.settled().map_err(at)?;
            run = Run::new(version);
            cases += 1;
            is_for_others = false;
        } else if let Some(versions) = line.strip_prefix("ONLY ") {
            is_for_others = !versions.split(' ').any(|only| only == version.name());
            cases -= usize::from(is_for_others);
        } else if !is_for_others {
            run.line(line).map_err(at)?;
        }
    }
    run.settled()
        .map_err(|error| format!("{name}: at the end: {error}"))?;
    Ok(cases)
}

#[test]
fn every_script_holds_in_every_version() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/session_scripts");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 15, "the scripts are there");
    let mut failures = Vec::new();
    for version in Version::ALL {
        let mut cases = 0;
        for path in &paths {
            let name = path.file_name().unwrap().to_string_lossy();
            match check(&name, &fs::read_to_string(path).unwrap(), version) {
                Ok(count) => cases += count,
                Err(failure) => failures.push(failure),
            }
        }
        println!("{}: {} scripts, {cases} cases", version.name(), paths.len());
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn a_script_that_expects_too_much_or_too_little_fails() {
    let logon = "CONNECT\nI 35=A|34=1|98=0|108=30|\n";
    let right = format!("{logon}E 35=A|34=1|98=0|108=30|\n");
    for version in Version::ALL {
        assert_eq!(check("right", &right, version), Ok(1));
        for wrong in [
            "",
            "E 35=A|34=2|98=0|108=30|",
            "E 35=A|34=1|98=0|",
            "D",
            "NUMBERS 1 1",
        ] {
            let script = format!("{logon}{wrong}\n");
            assert!(check("wrong", &script, version).is_err(), "{wrong}");
        }
    }
    assert_eq!(check("other", "ONLY FIX.4.2\nD", Version::Fix44), Ok(0));
}
