//! The application: each valid message goes back, its header made anew.

use std::collections::HashSet;

use gwanmun_fix::session::{NoRoom, Session};
use gwanmun_fix::{Message, MessageWriter, Sink, tag};

use super::house::Dialect;

/// Identifiers remembered for PossResend(97).
const IDS_MAX: usize = 1_000_000;

/// What went back, so that a possible resend of it does not go back twice.
#[derive(Default)]
pub(super) struct Echo {
    seen: HashSet<Vec<u8>>,
}

impl Echo {
    /// Sends a message back, unless PossResend(97)=Y and its ClOrdID(11) has been here: test cases
    /// 19a and 19b.
    pub(super) fn answer(
        &mut self,
        message: &Message<'_>,
        dialect: &Dialect,
        (session, now_ns): (&mut Session, u64),
        sink: &mut impl Sink,
    ) -> Result<(), NoRoom> {
        if let Some(id) = message.field(tag::CL_ORD_ID) {
            let is_known = self.seen.contains(id);
            if is_known && message.poss_resend() {
                return Ok(());
            }
            if self.seen.len() < IDS_MAX {
                self.seen.insert(id.to_vec());
            }
        }
        session.send(message.msg_type(), now_ns, sink, |writer| {
            write_route(message, writer);
            copy_body(message, dialect, writer);
        })?;
        Ok(())
    }
}

/// Whoever a message was on behalf of is whom the answer is delivered to, and the other way round:
/// test case 18.
fn write_route(message: &Message<'_>, writer: &mut MessageWriter<'_>) {
    let from = message.field(tag::DELIVER_TO_COMP_ID).unwrap_or(b"");
    let to = message.field(tag::ON_BEHALF_OF_COMP_ID).unwrap_or(b"");
    writer
        .bytes(tag::ON_BEHALF_OF_COMP_ID, from)
        .bytes(tag::DELIVER_TO_COMP_ID, to);
}

/// The fields of the body as they came, data with their lengths.
fn copy_body(message: &Message<'_>, dialect: &Dialect, writer: &mut MessageWriter<'_>) {
    let mut length_tag = None;
    for (field_tag, value) in message.fields() {
        if dialect.around.contains(&field_tag) {
            continue;
        }
        match length_tag.take() {
            Some(length) if tag::data_of_length(length) == Some(field_tag) => {
                writer.data(length, field_tag, value);
            }
            _ if tag::data_of_length(field_tag).is_some() => length_tag = Some(field_tag),
            _ => {
                writer.bytes(field_tag, value);
            }
        }
    }
}
