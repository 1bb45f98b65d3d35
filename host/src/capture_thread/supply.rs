//! Segments for the order core: the next ones, made and touched before they are needed, and old
//! ones that a resend wants to read.

use std::io;
use std::sync::atomic::Ordering;

use gwanmun_runtime::segment::{MappedSegment, take_space};

use super::CaptureThread;
use crate::day::private_file;
use crate::journal_writer::ChainSegment;
use crate::lending::Lent;
use crate::power_loss::sync_folder;

impl CaptureThread {
    /// Reads back what the order core has asked for, or tells that it cannot be had now: the resend
    /// that needs it waits rather than leaving something out, and others go on.
    pub(super) fn lend(&mut self) {
        let Ok(index) = self.wanted.try_recv() else {
            return;
        };
        // What is not copied to its end yet would be read as zeros.
        let whole = self.shared.whole_segments.load(Ordering::Acquire);
        let is_whole = u64::from(index) < whole;
        let mapped = is_whole.then(|| MappedSegment::open_present(&self.day.on_disk(index)));
        let answer = match mapped {
            Some(Ok(mapped)) => Lent::Mapped(ChainSegment { index, mapped }),
            _ => Lent::OutOfReach,
        };
        // There is room: no second question comes before the answer was taken.
        let _ = self.lent.try_send(answer);
    }

    /// Makes the next segment and hands it over; one that finds the queue full waits in `pending`.
    pub(super) fn make_ready(&mut self, pending: &mut Option<ChainSegment>) {
        if pending.is_none() {
            *pending = self.make_segment(self.next_ready).ok();
            self.is_starved.store(pending.is_none(), Ordering::Release);
            self.next_ready += u32::from(pending.is_some());
        }
        if let Some(segment) = pending.take()
            && let Err(
                std::sync::mpsc::TrySendError::Full(back)
                | std::sync::mpsc::TrySendError::Disconnected(back),
            ) = self.ready.try_send(segment)
        {
            *pending = Some(back);
        }
    }

    fn make_segment(&mut self, index: u32) -> io::Result<ChainSegment> {
        let length = usize::try_from(self.terms.segment_bytes)
            .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        if !self.day.is_disk_only() {
            // The disk's space is taken before the segment exists, so that copying cannot run out
            // of it later.
            let disk = private_file(&self.day.on_disk(index))?;
            take_space(&disk, length).map_err(|errno| io::Error::from_raw_os_error(errno.0))?;
            sync_folder(&self.day.disk)?;
        }
        if let Some(mapped) = self.spares.reuse(&self.day, index) {
            return mapped.map(|mapped| ChainSegment { index, mapped });
        }
        let path = self.day.in_memory(index);
        let mut mapped = MappedSegment::create(&path, length)
            .map_err(|errno| io::Error::from_raw_os_error(errno.0))?;
        mapped.populate();
        // Refused with all the other memory at the start, and told then.
        let _ = mapped.lock();
        if self.day.is_disk_only() {
            sync_folder(&self.day.disk)?;
        }
        Ok(ChainSegment { index, mapped })
    }
}
