//! The segment that a start goes on with, made while the past is read.
//!
//! Taking its memory from the kernel, which clears every page, is as much work as reading the past
//! of a short day, and neither needs the other: what its number in the chain is comes last, by a
//! rename. Like the spares of `capture_thread` it has no journal's name until then, so that nobody
//! takes it for part of the chain.

use std::path::PathBuf;
use std::thread::JoinHandle;

use gwanmun_runtime::errno::Errno;
use gwanmun_runtime::segment::MappedSegment;
use gwanmun_runtime::thread;

use crate::day::Day;
use crate::journal_writer::ChainSegment;
use crate::start_error::StartError;

/// One that is being made.
pub(crate) struct FirstSegment {
    path: PathBuf,
    /// `None` once it was waited for.
    making: Option<JoinHandle<Result<MappedSegment, Errno>>>,
}

impl FirstSegment {
    /// Begins to make one of `segment_bytes`, every page of it present.
    pub(crate) fn begin(day: &Day, segment_bytes: u64) -> Result<FirstSegment, StartError> {
        let length = usize::try_from(segment_bytes)
            .map_err(|_| StartError::Capacity("[journal] segment_bytes"))?;
        let path = day.first_in_the_making();
        let at = path.clone();
        let make = move || {
            // Of a start that was killed here.
            let _ = std::fs::remove_file(&at);
            let mut mapped = MappedSegment::create(&at, length)?;
            mapped.populate();
            Ok(mapped)
        };
        let making = thread::spawn("first-segment", make).map_err(StartError::Thread)?;
        Ok(FirstSegment {
            path,
            making: Some(making),
        })
    }

    /// Waits until it is there and puts it at its place in the chain.
    pub(crate) fn take(mut self, day: &Day, index: u32) -> Result<ChainSegment, StartError> {
        let path = day.in_memory(index);
        let made = self.making.take().map(JoinHandle::join);
        let Some(Ok(made)) = made else {
            // The only panic there could be is one of our own, whose message is above.
            return Err(StartError::os("make", &path, Errno(0)));
        };
        let mut mapped = made.map_err(|errno| StartError::os("make", &path, errno))?;
        let renamed = mapped.rename(&self.path, &path);
        renamed.map_err(|error| StartError::io("name", &path, &error))?;
        Ok(ChainSegment { index, mapped })
    }
}

impl Drop for FirstSegment {
    /// A start that is refused leaves nothing of it behind.
    fn drop(&mut self) {
        if let Some(making) = self.making.take() {
            let _ = making.join();
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
