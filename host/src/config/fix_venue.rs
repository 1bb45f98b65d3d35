//! What a `[[venue]]` says about its FIX session, where FIX is spoken on its order line.

use super::error::Problem;
use super::read::{self, Section};
use super::values::VenueProtocol;
use super::{FixVenueConfig, Version};

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
    let version: Option<Version> = section.required("begin_string", problems, read::word);
    Some(FixVenueConfig {
        version: version.unwrap_or_default(),
        sender_comp_id: section
            .required("sender_comp_id", problems, read::text)
            .unwrap_or_default(),
        target_comp_id: section
            .required("target_comp_id", problems, read::text)
            .unwrap_or_default(),
        heart_bt_int_s: section
            .optional(
                "heart_bt_int",
                problems,
                read::integer(1..=3_600, " seconds"),
            )
            .unwrap_or(30),
        logon_credentials: section
            .optional("logon_credentials", problems, read::boolean)
            .unwrap_or(false),
    })
}
