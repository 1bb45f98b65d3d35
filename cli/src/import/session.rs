//! One session of a settings file in our words.

use std::net::IpAddr;

use gwanmun_fix::Version;
use gwanmun_market::Text;

use super::LeftOut;
use super::hours::{self, Hours};
use super::keys;
use super::settings::{Section, Setting, Settings};

/// A `[[session]]` to write; what is `None` stands at our default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// Where it stood.
    pub(super) line: usize,
    pub(super) version: Version,
    pub(super) sender_comp_id: String,
    pub(super) target_comp_id: String,
    pub(super) heart_bt_int_s: Option<u32>,
    pub(super) host: Option<IpAddr>,
    pub(super) port: Option<u16>,
    pub(super) reset_on_logon: bool,
    pub(super) check_latency: Option<bool>,
    pub(super) max_latency_s: Option<u32>,
    pub(super) precision: Option<&'static str>,
    pub(super) sends_last_msg_seq_num_processed: bool,
    pub(super) resend_request_numbers_max: Option<u32>,
    pub(super) allow_from: Vec<IpAddr>,
    pub(super) hours: Hours,
}

/// A section over the defaults, and where complaints go.
pub(super) struct Reader<'s> {
    section: &'s Section,
    defaults: &'s Section,
    name: String,
    left_out: Vec<LeftOut>,
}

/// Every session that a gateway can have; those that it cannot, and every key that is not carried
/// over, are in `left_out` then.
pub(super) fn all(settings: &Settings, left_out: &mut Vec<LeftOut>) -> Vec<Session> {
    let mut sessions: Vec<Session> = Vec::new();
    for section in &settings.sessions {
        let mut reader = Reader {
            section,
            defaults: &settings.defaults,
            name: format!("session in line {}", section.line),
            left_out: Vec::new(),
        };
        if let Some(session) = reader.read() {
            let twin = |other: &Session| {
                (other.version, &other.sender_comp_id, &other.target_comp_id)
                    == (
                        session.version,
                        &session.sender_comp_id,
                        &session.target_comp_id,
                    )
            };
            if sessions.iter().any(twin) {
                let reason = "a session of the same BeginString and CompIDs stands above";
                reader.leave_session_out(reason);
            } else {
                sessions.push(session);
            }
        }
        reader.leave_unknown_out(&settings.defaults, "DEFAULT");
        reader.leave_unknown_out(section, &reader.name.clone());
        left_out.append(&mut reader.left_out);
    }
    sessions
}

impl Reader<'_> {
    fn find(&self, key: &str) -> Option<&Setting> {
        self.section.find(key).or_else(|| self.defaults.find(key))
    }

    fn leave_out(&mut self, setting: &Setting, section: &str, reason: &str) {
        let is_secret = setting.key.contains("assword");
        self.left_out.push(LeftOut {
            line: setting.line,
            section: section.to_owned(),
            key: setting.key.clone(),
            value: if is_secret {
                "***".to_owned()
            } else {
                setting.value.clone()
            },
            reason: reason.to_owned(),
        });
    }

    /// A key that can be read and makes no sense where it stands.
    pub(super) fn refuse(&mut self, key: &str, reason: &str) {
        if let Some(setting) = self.find(key).cloned() {
            let name = self.name.clone();
            self.leave_out(&setting, &name, reason);
        }
    }

    fn leave_session_out(&mut self, reason: &str) {
        self.left_out.push(LeftOut {
            line: self.section.line,
            section: self.name.clone(),
            key: "[SESSION]".to_owned(),
            value: String::new(),
            reason: format!("{reason}; the session is not carried over"),
        });
    }

    /// Every key that no part of ours comes from.
    fn leave_unknown_out(&mut self, section: &Section, name: &str) {
        for setting in &section.settings {
            if keys::CARRIED.contains(&setting.key.as_str()) {
                continue;
            }
            let unknown = "QuickFIX has no such key, or it is new";
            let reason = keys::reason(&setting.key).unwrap_or(unknown);
            self.leave_out(setting, name, reason);
        }
    }

    /// A key's value as `parse` reads it; one that it cannot read is left out with what was
    /// expected.
    pub(super) fn value<T>(
        &mut self,
        key: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let setting = self.find(key)?.clone();
        let parsed = parse(&setting.value);
        if parsed.is_none() {
            let name = self.name.clone();
            self.leave_out(&setting, &name, &format!("expected {expected}"));
        }
        parsed
    }

    fn read(&mut self) -> Option<Session> {
        if let Some(kind) = self.find("ConnectionType")
            && !kind.value.eq_ignore_ascii_case("acceptor")
        {
            self.leave_session_out("the gateway accepts members and initiates no FIX session");
            return None;
        }
        let version = self.version()?;
        let sender_comp_id = self.comp_id("SenderCompID")?;
        let target_comp_id = self.comp_id("TargetCompID")?;
        let address = |text: &str| text.parse().ok();
        let seconds = "whole seconds from 1 to 86400";
        let within =
            |most: u32| move |text: &str| text.parse().ok().filter(|n| (1..=most).contains(n));
        let chunk = self
            .value("MaxMessagesInResendRequest", "a number up to 1000000", part)
            .or_else(|| self.value("ResendRequestChunkSize", "a number up to 1000000", part));
        Some(Session {
            line: self.section.line,
            version,
            sender_comp_id,
            target_comp_id,
            heart_bt_int_s: self.value("HeartBtInt", "whole seconds from 1 to 3600", within(3_600)),
            host: self
                .value(
                    "SocketAcceptAddress",
                    "an IP address of this machine",
                    address,
                )
                .or_else(|| {
                    self.value("SocketAcceptHost", "an IP address of this machine", address)
                }),
            port: self.value("SocketAcceptPort", "a port from 1 to 65535", |text| {
                text.parse().ok().filter(|port| *port != 0)
            }),
            reset_on_logon: self.value("ResetOnLogon", "Y or N", flag).unwrap_or(false),
            check_latency: self.value("CheckLatency", "Y or N", flag),
            max_latency_s: self.value("MaxLatency", seconds, within(86_400)),
            precision: self.precision(),
            sends_last_msg_seq_num_processed: self
                .value("EnableLastMsgSeqNumProcessed", "Y or N", flag)
                .unwrap_or(false),
            resend_request_numbers_max: chunk,
            allow_from: self
                .value(
                    "AllowedRemoteAddresses",
                    "IP addresses with commas",
                    |text| text.split(',').map(|one| one.trim().parse().ok()).collect(),
                )
                .unwrap_or_default(),
            hours: hours::read(self),
        })
    }

    fn version(&mut self) -> Option<Version> {
        let Some(begin_string) = self.find("BeginString").cloned() else {
            self.leave_session_out("it has no BeginString");
            return None;
        };
        let version = Version::of_begin_string(begin_string.value.as_bytes());
        let Some(version) = version else {
            self.leave_session_out("BeginString must be FIX.4.2, FIX.4.4 or FIXT.1.1");
            return None;
        };
        let application = self
            .find("DefaultApplVerID")
            .map(|found| found.value.as_str());
        let is_spoken = match (version, application) {
            (Version::Fix50Sp2, Some(id)) => matches!(id, "9" | "FIX.5.0SP2"),
            _ => true,
        };
        if !is_spoken {
            self.leave_session_out("DefaultApplVerID must be FIX.5.0SP2 (9)");
        }
        is_spoken.then_some(version)
    }

    fn comp_id(&mut self, key: &str) -> Option<String> {
        let value = self.find(key).map(|found| found.value.clone());
        let fits = |id: &String| {
            Text::<32>::new(id.as_bytes()).is_some()
                && !id.is_empty()
                && id.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let found = value.filter(fits);
        if found.is_none() {
            let wanted = "must have 1 to 32 printable ASCII characters without blanks";
            self.leave_session_out(&format!("{key} {wanted}"));
        }
        found
    }

    fn precision(&mut self) -> Option<&'static str> {
        let expected = "0, 3, 6, 9 or SECONDS, MILLIS, MICROS, NANOS";
        let old =
            |text: &str| flag(text).map(|is_fine| if is_fine { "milliseconds" } else { "seconds" });
        self.value("TimestampPrecision", expected, precision)
            .or_else(|| self.value("TimeStampPrecision", expected, precision))
            .or_else(|| self.value("MillisecondsInTimeStamp", "Y or N", old))
            .or_else(|| self.value("MillisecondsInTimestamp", "Y or N", old))
    }
}

fn precision(text: &str) -> Option<&'static str> {
    match text.to_ascii_uppercase().as_str() {
        "0" | "SECONDS" => Some("seconds"),
        "3" | "MILLIS" => Some("milliseconds"),
        "6" | "MICROS" => Some("microseconds"),
        "9" | "NANOS" => Some("nanoseconds"),
        _ => None,
    }
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "Y" | "y" => Some(true),
        "N" | "n" => Some(false),
        _ => None,
    }
}

fn part(text: &str) -> Option<u32> {
    text.parse().ok().filter(|count| *count <= 1_000_000)
}
