//! `hotfix-message`: one parse that validates against its dictionary, into ordered maps of copies,
//! and an encoder. It reads decimals as `f64` here.

use std::rc::Rc;

use hotfix_message::dict::Dictionary;
use hotfix_message::field_types::Timestamp;
use hotfix_message::message::{Config, Message};
use hotfix_message::parsed_message::{InvalidReason, ParsedMessage};
use hotfix_message::{
    FieldMap, FieldType, HardCodedFixFieldDefinition, MessageBuilder, Part, fix44,
};
use race_ours::ground::Ground;
use race_ours::level::{Encoder, Entrant, GroupReader, Reader, Values};
use race_ours::message_sets::{Order, SENDER, TARGET};
use race_ours::work;

use super::{Chrono, Decoded, utc};

const NAME: &str = "hotfix-message";

/// What it can do of a level.
#[must_use]
pub fn entrants(level: &str, set: &str, ground: &Rc<Ground>) -> Vec<Entrant> {
    let has_groups = ["mdi", "mds"].contains(&set);
    vec![match level {
        "validated" if has_groups => work::groups(NAME, ground, Hotfix::default()),
        "validated" => work::fields(NAME, ground, Hotfix::default()),
        "encode" => work::encode(NAME, ground, Writing::default()),
        "frame" => Entrant::left_out(NAME, "it frames in its session, not in this crate"),
        "index" => Entrant::left_out(NAME, "it lists no fields, and its only parse validates"),
        _ => Entrant::left_out(NAME, "its only parse validates: see `validated`"),
    }]
}

/// What it makes of bytes: the fields of header, body, groups and trailer, in that order.
#[must_use]
pub fn decode(peer: &Hotfix, bytes: &[u8]) -> Decoded {
    match peer.0.build(bytes) {
        ParsedMessage::Valid(message) => {
            let mut fields = Vec::new();
            push(&mut fields, message.header().get_field_map());
            push(&mut fields, message.get_field_map());
            push(&mut fields, message.trailer().get_field_map());
            Decoded::Fields(fields)
        }
        ParsedMessage::Invalid { reason, .. } => Decoded::Refused(match reason {
            InvalidReason::InvalidField(tag) => format!("invalid field {tag}"),
            InvalidReason::InvalidGroup(tag) => format!("invalid group {tag}"),
            InvalidReason::InvalidOrderInGroup { tag, .. } => format!("order in group, {tag}"),
            InvalidReason::InvalidComponent(name) => format!("component {name}"),
            InvalidReason::InvalidMsgType(_) => "MsgType".to_owned(),
            InvalidReason::RequiredFieldMissing { tag, .. } => format!("{tag} is missing"),
        }),
        ParsedMessage::Garbled(reason) => Decoded::Refused(format!("garbled: {reason:?}")),
        ParsedMessage::UnexpectedError(error) => Decoded::Refused(error),
    }
}

fn push(fields: &mut Vec<(u32, Vec<u8>)>, map: &FieldMap) {
    for (tag, field) in &map.fields {
        fields.push((tag.get(), field.data.clone()));
    }
    for entries in map.groups.values() {
        for entry in entries {
            push(fields, entry.get_fields());
        }
    }
}

/// Its parser for FIX 4.4.
pub struct Hotfix(MessageBuilder);

impl Default for Hotfix {
    fn default() -> Self {
        let builder = MessageBuilder::new(Dictionary::fix44(), Config::default());
        Hotfix(builder.expect("the crate carries the dictionary"))
    }
}

impl Hotfix {
    fn valid(&self, message: &[u8]) -> Option<Message> {
        match self.0.build(message) {
            ParsedMessage::Valid(message) => Some(message),
            _ => None,
        }
    }
}

fn value<'m, V: FieldType<'m>>(
    part: &'m impl Part,
    field: &HardCodedFixFieldDefinition,
) -> Option<V> {
    part.get(field).ok()
}

fn time(part: &impl Part, field: &HardCodedFixFieldDefinition) -> Option<Chrono> {
    let time: Timestamp = value(part, field)?;
    time.to_chrono_naive().map(Chrono)
}

impl Reader for Hotfix {
    type Number = f64;
    type Moment = Chrono;

    fn read<R>(
        &mut self,
        message: &[u8],
        then: impl FnOnce(&Values<'_, f64, Chrono>) -> R,
    ) -> Option<R> {
        let message = self.valid(message)?;
        let side: &[u8] = message.get_raw(fix44::SIDE)?;
        Some(then(&Values {
            msg_seq_num: value(message.header(), fix44::MSG_SEQ_NUM)?,
            sending: time(message.header(), fix44::SENDING_TIME)?,
            transact: time(&message, fix44::TRANSACT_TIME)?,
            cl_ord_id: message.get_raw(fix44::CL_ORD_ID)?,
            symbol: message.get_raw(fix44::SYMBOL)?,
            side: *side.first()?,
            order_qty: value(&message, fix44::ORDER_QTY)?,
            price: value(&message, fix44::PRICE)?,
        }))
    }
}

impl GroupReader for Hotfix {
    type Number = f64;

    fn read(&mut self, message: &[u8], mut each: impl FnMut(u8, f64, f64)) -> Option<()> {
        let message = self.valid(message)?;
        let mut at = 0;
        while let Some(entry) = message.get_group(fix44::NO_MD_ENTRIES, at) {
            let entry_type = *entry.get_raw(fix44::MD_ENTRY_TYPE)?.first()?;
            let price = value(entry, fix44::MD_ENTRY_PX)?;
            each(entry_type, price, value(entry, fix44::MD_ENTRY_SIZE)?);
            at += 1;
        }
        Some(())
    }
}

#[derive(Default)]
struct Writing(Config);

impl Encoder for Writing {
    fn encode<R>(&mut self, order: &Order, then: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let mut message = Message::new("FIX.4.4", "D");
        message.set(fix44::MSG_SEQ_NUM, order.msg_seq_num);
        message.set(fix44::SENDER_COMP_ID, SENDER);
        message.set(fix44::TARGET_COMP_ID, TARGET);
        message.set(
            fix44::SENDING_TIME,
            Timestamp::from(utc(order.sending_ms).naive_utc()),
        );
        message.set(fix44::CL_ORD_ID, &order.cl_ord_id[..]);
        message.set(fix44::ACCOUNT, &order.account[..]);
        message.set(fix44::HANDL_INST, "1");
        message.set(fix44::SYMBOL, order.symbol);
        message.set(fix44::SIDE, &[order.side][..]);
        message.set(
            fix44::TRANSACT_TIME,
            Timestamp::from(utc(order.transact_ms).naive_utc()),
        );
        message.set(fix44::ORDER_QTY, order.order_qty);
        message.set(fix44::ORD_TYPE, "2");
        message.set(fix44::PRICE, order.price as f64 / 10_000.0);
        message.set(fix44::TIME_IN_FORCE, "0");
        Some(then(&message.encode(&self.0).ok()?))
    }
}
