//! Bytes as one message: every front of the scan gives the same fields as the plain one, no getter
//! and no view panics, and the fields written again give a message that reads the same.
#![no_main]

use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::messages::execution_report::ExecutionReport;
use gwanmun_fix::messages::new_order_single::NewOrderSingle;
use gwanmun_fix::messages::order_cancel_replace_request::OrderCancelReplaceRequest;
use gwanmun_fix::messages::order_cancel_request::OrderCancelRequest;
use gwanmun_fix::scan::Front;
use gwanmun_fix::{Index, Message, MessageWriter, Shapes, tag};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut expected = Index::new();
    let mut index = Index::new();
    let error = Front::Plain.scan(bytes, &mut expected);
    for front in Front::ALL.into_iter().filter(|front| front.is_available()) {
        assert_eq!(front.scan(bytes, &mut index), error, "{front:?}");
        assert_eq!(index.count(), expected.count(), "{front:?}");
        for slot in 0..index.count() {
            assert_eq!(index.slot(slot), expected.slot(slot), "{front:?}");
        }
    }
    lent_slots(bytes, &expected, error.is_none());
    let (message, _) = Message::read(bytes, &mut index);
    look(message);
    if error.is_none() {
        write_again(message);
    }
});

/// As many slots as there are fields, and one less; and a shape learned from the message itself.
fn lent_slots(bytes: &[u8], expected: &Index, is_sound: bool) {
    let count = expected.count();
    let (mut tags, mut places) = (vec![0; count], vec![[0; 2]; count]);
    for fewer in [0, 1] {
        let slots = count.saturating_sub(fewer);
        let mut index = Index::lent(&mut tags[..slots], &mut places[..slots]);
        let (message, fault) = Message::read(bytes, &mut index);
        assert_eq!(message.count(), slots);
        assert!(fault.is_none() == (is_sound && slots == count));
    }
    let mut shapes = Shapes::new();
    for _ in 0..2 {
        let mut index = Index::new();
        let (message, _) = Message::read_with_shapes(bytes, &mut index, &mut shapes);
        for (slot, &tag) in expected.tags().iter().enumerate() {
            assert_eq!(message.tag_at(slot), Some(tag));
            let first = expected.find(tag).and_then(|first| message.value_at(first));
            assert_eq!(message.field(tag), first);
        }
    }
}

fn look(message: Message<'_>) {
    let _ = (
        message.msg_seq_num(),
        message.sending_time_ns(),
        message.orig_sending_time_ns(),
    );
    let _ = (message.duplicate_tag(), message.poss_dup_flag());
    for (tag, _) in message.fields() {
        let _ = (
            message.uint(tag),
            message.int(tag),
            message.price(tag),
            message.quantity(tag),
        );
        let _ = (
            message.timestamp_ns(tag),
            message.text::<8>(tag),
            message.boolean(tag),
        );
    }
    if let Ok(order) = NewOrderSingle::new(message).to_new_order() {
        assert!(order.order_qty > 0);
    }
    let _ = OrderCancelRequest::new(message).to_cancel_request();
    let _ = OrderCancelReplaceRequest::new(message).to_replace_request();
    let report = ExecutionReport::new(message);
    let _ = (
        report.exec_type(),
        report.ord_status(),
        report.side(),
        report.avg_px(),
    );
}

/// Writes the fields of a sound message behind a new head, and reads them back. Control bytes are
/// written as `?`, and length-prefixed data go in as data.
fn write_again(message: Message<'_>) {
    let mut into = vec![0; 2 * message.bytes().len() + 64];
    let mut writer = MessageWriter::start(&mut into, b"FIX.4.4");
    writer.bytes(tag::MSG_TYPE, b"0");
    let mut wanted = Vec::new();
    let fields: Vec<_> = message.fields().collect();
    for (at, &(tag, value)) in fields.iter().enumerate() {
        if tag::data_of_length(tag).is_some() {
            continue;
        }
        let before = at.checked_sub(1).map(|before| fields[before].0);
        match before.filter(|&before| tag::data_of_length(before) == Some(tag)) {
            Some(length_tag) => drop(writer.data(length_tag, tag, value)),
            None => drop(writer.bytes(tag, value)),
        }
        wanted.push((tag, value));
    }
    let length = writer.finish().expect("room for twice as much");
    assert_eq!(frame(&into[..length], usize::MAX), Frame::Whole { length });
    let mut index = Index::new();
    let (again, error) = Message::read(&into[..length], &mut index);
    // Four more fields than before may be too many.
    if error.is_some() {
        assert!(again.fields().count() == gwanmun_fix::FIELDS_MAX);
        return;
    }
    let fields: Vec<_> = again
        .fields()
        .filter(|(tag, _)| tag::data_of_length(*tag).is_none())
        .collect();
    assert_eq!(fields.len(), wanted.len() + 4);
    for ((tag, value), (tag_again, value_again)) in wanted.into_iter().zip(&fields[3..]) {
        assert_eq!((tag, value.len()), (*tag_again, value_again.len()));
    }
}
