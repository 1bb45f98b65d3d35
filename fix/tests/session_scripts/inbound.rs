//! A message that comes in, made from an `I` line.

use gwanmun_fix::Version;

use crate::session_support::{timestamp, whole};

/// Fields that a line leaves out are filled in: the right BeginString, CompIDs and SendingTime.
pub(crate) fn message(rest: &str, version: Version, now_ns: u64) -> Vec<u8> {
    let mut begin_string = std::str::from_utf8(version.begin_string()).unwrap();
    let mut head = String::new();
    let mut body = String::new();
    for field in rest.split('|').filter(|field| !field.is_empty()) {
        match field.split_once('=') {
            Some(("8", value)) => begin_string = value,
            Some(("35", _)) => head.push_str(&format!("{field}|")),
            // `tag=-` leaves a field out that would be filled in.
            Some((_, "-")) => {}
            Some((tag, shift)) if matches!(tag, "52" | "122") && shift.starts_with(['+', '-']) => {
                let seconds: i64 = shift.trim_end_matches('s').parse().unwrap();
                let ns = now_ns.saturating_add_signed(seconds * 1_000_000_000);
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
        head.push_str(&format!("52={}|", timestamp(now_ns)));
    }
    whole(begin_string, &(head + &body))
}
