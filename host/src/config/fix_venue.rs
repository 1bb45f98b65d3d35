//! What a `[[venue]]` says about its FIX session, where FIX is spoken on its order line.

use super::FixVenueConfig;
use super::error::Problem;
use super::lines::fix_ends;
use super::read::{self, Section};
use super::values::VenueProtocol;

/// The keys that a venue has with `protocol = "fix"` alone.
pub(super) const KEYS: [&str; 5] = [
    "begin_string",
    "sender_comp_id",
    "target_comp_id",
    "heart_bt_int",
    "logon_credentials",
];

/// Reads the session; with another protocol there is none, and its keys are complained about.
pub(super) fn read(
    section: &Section<'_>,
    protocol: VenueProtocol,
    problems: &mut Vec<Problem>,
) -> Option<FixVenueConfig> {
    if protocol != VenueProtocol::Fix {
        for key in KEYS {
            let mut unread = Vec::new();
            let stands = section.optional(key, &mut unread, |_| Ok(())).is_some();
            if stands {
                section.refuse(
                    key,
                    format!("`{key}` stands with `protocol = \"{}\"`", protocol.word()),
                    "it goes with `protocol = \"fix\"`: change that, or take it out",
                    problems,
                );
            }
        }
        return None;
    }
    let fix = fix_ends(section, problems);
    Some(FixVenueConfig {
        version: fix.version,
        sender_comp_id: fix.sender_comp_id,
        target_comp_id: fix.target_comp_id,
        heart_bt_int_s: fix.heart_bt_int_s,
        logon_credentials: section
            .optional("logon_credentials", problems, read::boolean)
            .unwrap_or(false),
    })
}
