//! Keys of sessions, of templates for them, and of venues.

/// QuickFIX's names of its settings, in snake case; `accounts` is ours.
pub(super) const SESSION_KEYS: &[&str] = &joined::<_, _, { 5 + SHARED_KEYS.len() }>(
    [
        "template",
        "target_comp_id",
        "username",
        "password",
        "password_expires",
    ],
    SHARED_KEYS,
);
/// Those that a `[[session_template]]` may have too.
pub(super) const SHARED_KEYS: [&str; 24] = [
    "begin_string",
    "sender_comp_id",
    "heart_bt_int",
    "socket_accept_host",
    "socket_accept_port",
    "reset_on_logon",
    "timestamp_precision",
    "enable_last_msg_seq_num_processed",
    "resend_request_chunk_size",
    "check_latency",
    "max_latency",
    "time_zone",
    "start_time",
    "end_time",
    "weekdays",
    "start_day",
    "end_day",
    "non_stop",
    "reset_time",
    "enabled",
    "keep_hot",
    "accounts",
    "allow_from",
    "tls",
];

/// Keys in front of others, as one list.
pub(super) const fn joined<const A: usize, const B: usize, const N: usize>(
    first: [&'static str; A],
    others: [&'static str; B],
) -> [&'static str; N] {
    assert!(A + B == N, "the list is as long as both");
    let mut all = [""; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < A { first[at] } else { others[at - A] };
        at += 1;
    }
    all
}

/// Keys of a venue.
pub(super) const VENUE_KEYS: &[&str] = &[
    "name",
    "protocol",
    "connect",
    "feed_connect",
    "username",
    "password",
    "begin_string",
    "sender_comp_id",
    "target_comp_id",
    "heart_bt_int",
    "logon_credentials",
];
