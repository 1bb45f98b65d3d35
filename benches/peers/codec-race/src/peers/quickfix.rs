//! `quickfix`: QuickFIX itself, in C++, through the crate that carries its source. Only with the
//! feature `quickfix`: its build takes five to ten minutes and needs cmake and a C++ compiler.
//!
//! Its message is an ordered map of strings per part. The crate gives text and no times or
//! decimals, so chrono and rust_decimal read those, as for ironfix-tagvalue. Its FIX 4.4 dictionary
//! is a file, which the crate does not carry, so nothing is validated here and no group is read.

use std::rc::Rc;

use chrono::NaiveDateTime;
use quickfix::{FieldMap, Message};
use race_ours::ground::Ground;
use race_ours::level::{Entrant, Reader, Values};
use race_ours::work;

use super::{Chrono, Exact};

const NAME: &str = "quickfix";

/// What it can do of a level.
#[must_use]
pub fn entrants(level: &str, _set: &str, ground: &Rc<Ground>) -> Vec<Entrant> {
    vec![match level {
        "fields" => work::fields(NAME, ground, QuickFix),
        "frame" => Entrant::left_out(NAME, "its framing is not in the crate"),
        "index" => Entrant::left_out(NAME, "the crate lists no fields"),
        "encode" => Entrant::left_out(NAME, "the crate writes each message twice"),
        _ => Entrant::left_out(NAME, "the crate carries no dictionary"),
    }]
}

struct QuickFix;

fn time(text: &str) -> Option<Chrono> {
    NaiveDateTime::parse_from_str(text, "%Y%m%d-%H:%M:%S%.f")
        .ok()
        .map(Chrono)
}

impl Reader for QuickFix {
    type Number = Exact;
    type Moment = Chrono;

    fn read<R>(
        &mut self,
        message: &[u8],
        then: impl FnOnce(&Values<'_, Exact, Chrono>) -> R,
    ) -> Option<R> {
        let message = Message::try_from_text(std::str::from_utf8(message).ok()?).ok()?;
        let header = |tag| message.with_header(|header| header.get_field(tag));
        Some(then(&Values {
            msg_seq_num: header(34)?.parse().ok()?,
            sending: time(&header(52)?)?,
            transact: time(&message.get_field(60)?)?,
            cl_ord_id: message.get_field(11)?.as_bytes(),
            symbol: message.get_field(55)?.as_bytes(),
            side: *message.get_field(54)?.as_bytes().first()?,
            order_qty: Exact(message.get_field(38)?.parse().ok()?),
            price: Exact(message.get_field(44)?.parse().ok()?),
        }))
    }
}
