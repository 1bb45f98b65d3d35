//! The process dies and starts again, from the journal alone.

use gwanmun_captures::effect::EffectWriter;
use gwanmun_gateway::Gateway;
use gwanmun_gateway::effect::TAG_NUMBERS;

use super::World;
use crate::snapshot::Restored;

impl World {
    /// What was committed and had not left the process reaches its peer or not.
    pub(crate) fn crash(&mut self, are_outputs_lost: bool) {
        self.edge.is_stopped = true;
        let rest = self.edge.outputs.split_off(self.delivered);
        if !are_outputs_lost {
            for output in rest {
                // The answer finds nobody.
                let _ = self.arrive(output.connection, &output.bytes);
            }
        }
        for site in &mut self.sites {
            site.venue.on_cut(false);
            (site.order_line, site.feed_line) = (None, None);
        }
        self.member_lines.fill(None);
        self.unconsumed.clear();
        self.accepted.clear();
        self.waiting.clear();
        self.held_sockets.clear();
        self.delivered = 0;
        self.edge.begin_epoch();
        self.gateway = self.restored_by_snapshot();
        let (terms, stamp) = (self.terms.clone(), self.stamp());
        self.edge.record_start(&terms, stamp);
        self.next_connection = 1;
    }

    /// A restart after which everything is connected again.
    pub(crate) fn restart(&mut self, are_outputs_lost: bool) {
        self.crash(are_outputs_lost);
        self.connect_all();
    }

    /// A member's session goes on from `next_out`, by way of a restart.
    pub(crate) fn set_numbers(&mut self, member: usize, next_out: u64) {
        let next_in = self.members[member].next_out;
        let mut image = [0; 18];
        image[..2].copy_from_slice(&u16::try_from(member).unwrap().to_le_bytes());
        image[2..10].copy_from_slice(&next_in.to_le_bytes());
        image[10..].copy_from_slice(&next_out.to_le_bytes());
        let mut payload = [0; 32];
        let mut writer = EffectWriter::new(&mut payload);
        writer.put(TAG_NUMBERS, &image).unwrap();
        let used_bytes = writer.used();
        self.edge.plant_effect(&payload[..used_bytes]);
        self.members[member].next_in = next_out;
        self.restart(false);
    }

    /// Restored from a snapshot and the records behind it: the same as from all records.
    fn restored_by_snapshot(&self) -> Gateway<()> {
        let segments = self.edge.segments();
        let border = self.snapshot_border.unwrap_or(segments.len() - 1);
        let file = Restored::from_all(&self.terms, &segments[..border]).file();
        let restored = Restored::from_snapshot(&self.terms, &file, segments).unwrap();
        let all = Restored::from_all(&self.terms, segments);
        assert!(restored.file() == all.file(), "a snapshot is another state");
        restored.gateway
    }
}
