//! All that a restart must bring back, as bytes: two gateways with the same image go on alike.
//!
//! For tests and for whoever compares a restored gateway with one that never stopped. Not in it:
//! lines, market state and waiting resends, which a restart begins anew.

use gwanmun_captures::effect::EffectWriter;

use crate::edge::EFFECT_BYTES_MAX;
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::image::ImageWriter;
use crate::stages::Stages;

/// Tag of a message that a session sent, in this image alone: where it lies.
const TAG_SENT: u8 = 200;
/// Tag of a UserRefNum and its slot, in this image alone.
const TAG_USER_REF_NUM: u8 = 201;

impl<S: Stages> Gateway<S> {
    /// Numbers, messages sent, orders and their names, positions, counters and the venue's
    /// sequence, as effect entries one behind the other. Cold: it allocates.
    #[must_use]
    pub fn state_image(&self) -> Vec<u8> {
        let state = &self.state;
        let mut image = Vec::new();
        let mut room = [0; EFFECT_BYTES_MAX];
        let mut add = |put: &dyn Fn(&mut EffectBuilder<'_>)| {
            let mut effect = EffectBuilder::new(&mut room);
            put(&mut effect);
            let (used_bytes, _) = effect.finish();
            image.extend_from_slice(room.get(..used_bytes).unwrap_or(&[]));
        };
        for member in 0..state.members.len() {
            let member = u16::try_from(member).unwrap_or(u16::MAX);
            add(&|effect| state.put_numbers(member, effect));
        }
        add(&|effect| state.put_venue(effect));
        add(&|effect| state.put_counters(effect));
        for (slot, order) in state.orders.orders() {
            add(&|effect| effect.order(slot, order));
        }
        for (session, cl_ord_id, slot) in state.orders.cl_ord_ids() {
            add(&|effect| effect.cl_ord_id(session, slot, cl_ord_id));
        }
        for position in state.positions.positions() {
            add(&|effect| effect.position(position));
        }
        self.add_indices(&mut image);
        image
    }

    fn add_indices(&self, image: &mut Vec<u8>) {
        let mut add = |tag: u8, write: &dyn Fn(&mut ImageWriter<'_>)| {
            let (mut bytes, mut entry) = ([0; 32], [0; 48]);
            let mut writer = ImageWriter::new(&mut bytes);
            write(&mut writer);
            let length = writer.finish().unwrap_or(0);
            let mut entries = EffectWriter::new(&mut entry);
            let put = entries.put(tag, bytes.get(..length).unwrap_or(&[]));
            debug_assert!(put.is_ok());
            let used_bytes = entries.used();
            image.extend_from_slice(entry.get(..used_bytes).unwrap_or(&[]));
        };
        for (user_ref_num, slot) in self.state.orders.user_ref_nums() {
            add(TAG_USER_REF_NUM, &|writer| {
                writer.u32(user_ref_num);
                writer.u32(slot.0);
            });
        }
        for member in &self.state.members {
            let next_out = member.session.numbers().next_out;
            for (msg_seq_num, place, length, is_application) in member.sent.entries(next_out) {
                add(TAG_SENT, &|writer| {
                    writer.u64(msg_seq_num);
                    writer.u32(place.segment);
                    writer.u32(place.offset);
                    writer.u32(length);
                    writer.u8(u8::from(is_application));
                });
            }
        }
    }
}
