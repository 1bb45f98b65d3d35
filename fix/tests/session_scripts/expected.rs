//! What a script asks for: the messages of its `E` lines and the reasons of its `X` lines.

use gwanmun_fix::session::DisconnectReason;
use gwanmun_fix::{Index, Message, SessionRejectReason, Version};

/// Holds a message that was written against the fields of an `E` line.
pub(crate) fn message(bytes: &[u8], rest: &str, version: Version) -> Result<(), String> {
    let mut index = Index::new();
    let message = Message::parse(bytes, &mut index).map_err(|error| format!("{error:?}"))?;
    assert_eq!(message.begin_string(), version.begin_string());
    assert_eq!(message.sender_comp_id(), Some(&b"GATE"[..]));
    assert_eq!(message.target_comp_id(), Some(&b"MEMBER"[..]));
    assert!(message.sending_time_ns().is_ok());
    let found: Vec<String> = message
        .fields()
        .filter(|(tag, _)| !matches!(tag, 8 | 9 | 10 | 49 | 52 | 56))
        .map(|(tag, value)| format!("{tag}={}", value.escape_ascii()))
        .collect();
    let wanted = in_version(rest, version);
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
fn in_version(rest: &str, version: Version) -> Vec<String> {
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

/// The reason of an `X` line.
pub(crate) fn reason(rest: &str) -> Result<DisconnectReason, String> {
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
