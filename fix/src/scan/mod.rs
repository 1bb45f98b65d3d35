//! The pass over a message's bytes that finds every field.
//!
//! [`plain`] reads byte by byte and says what is right. `vector` reads ordinary messages 64 bytes
//! at a time and declines all others, which are then read plainly; `avx512`, `avx2`, `sse2`, `neon`
//! and `portable` are its thin fronts, chosen here by what the processor has. All give the same
//! answer for all bytes (`fast_equals_plain`).
//!
//! This folder is the only place in the crate where unsafe code is allowed: for loads and stores,
//! and for the calls into functions that need an instruction set.

pub mod plain;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(target_arch = "x86_64")]
mod sse2;
mod vector;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU8, Ordering};

use crate::error::FieldError;
use crate::index::{Index, Slots, SlotsMut};

/// Fills the index with every field of the message and names the first that is wrong.
///
/// What follows a wrong field is read all the same, so that MsgSeqNum(34) can be named in the
/// answer.
pub fn scan<S: Slots>(bytes: &[u8], index: &mut Index<S>) -> Option<FieldError> {
    Front::best().scan(bytes, index)
}

/// What is known of an ordinary message when it has been read.
#[derive(Clone, Copy)]
pub(crate) struct Ordinary {
    /// Fields.
    pub(crate) count: usize,
    /// Of all bytes, modulo 256.
    pub(crate) sum: u8,
}

/// The ways to scan, for tests, fuzzing and benches that compare them; others call [`scan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Front {
    /// Byte by byte.
    Plain,
    /// Eight bytes at a time, on any processor.
    Portable,
    /// 16 bytes at a time; every 64-bit ARM has it.
    Neon,
    /// 16 bytes at a time; every x86-64 has it.
    Sse2,
    /// 32 bytes at a time, with BMI1, BMI2, LZCNT and POPCNT.
    Avx2,
    /// 64 bytes at a time, with BW, VL, VBMI and VBMI2: Intel from Ice Lake on, AMD from Zen 4 on.
    Avx512,
}

/// The fronts that this processor has, a bit for each; zero before it was asked.
static AVAILABLE: AtomicU8 = AtomicU8::new(0);

impl Front {
    /// All of them, the slowest first.
    pub const ALL: [Front; 6] = [
        Front::Plain,
        Front::Portable,
        Front::Neon,
        Front::Sse2,
        Front::Avx2,
        Front::Avx512,
    ];

    /// The fastest that this processor has, which is asked once.
    #[must_use]
    #[inline]
    pub fn best() -> Front {
        match available().checked_ilog2() {
            Some(5) => Front::Avx512,
            Some(4) => Front::Avx2,
            Some(3) => Front::Sse2,
            Some(2) => Front::Neon,
            _ => Front::Portable,
        }
    }

    /// Whether this processor has it.
    #[must_use]
    #[inline]
    pub fn is_available(self) -> bool {
        available() & self.bit() != 0
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// As [`scan`]; plainly where the processor lacks what it takes.
    pub fn scan<S: Slots>(self, bytes: &[u8], index: &mut Index<S>) -> Option<FieldError> {
        let mut slots = index.slots_mut();
        let (count, error) = match self.read_ordinary(bytes, &mut slots) {
            Some(ordinary) => (ordinary.count, None),
            None => plain::read(bytes, &mut slots),
        };
        index.set_count(count);
        error
    }

    /// Reads an ordinary message; `None` where it is none.
    #[inline]
    #[allow(unsafe_code)]
    pub(crate) fn read_ordinary(self, bytes: &[u8], slots: &mut SlotsMut<'_>) -> Option<Ordinary> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Front::Avx512 if self.is_available() => {
                // SAFETY: the function needs what the guard of this arm has found the processor to
                // have. JUSTIFICATION: a safe call would need it for the whole program.
                unsafe { avx512::read(bytes, slots) }
            }
            #[cfg(target_arch = "x86_64")]
            Front::Avx2 if self.is_available() => {
                // SAFETY: the function needs what the guard of this arm has found the processor to
                // have. JUSTIFICATION: a safe call would need it for the whole program.
                unsafe { avx2::read(bytes, slots) }
            }
            #[cfg(target_arch = "x86_64")]
            Front::Sse2 => {
                // SAFETY: the function needs SSE2, which is part of every x86-64. JUSTIFICATION:
                // the compiler asks for the word here although the target always has the feature.
                unsafe { sse2::read(bytes, slots) }
            }
            #[cfg(target_arch = "aarch64")]
            Front::Neon => {
                // SAFETY: the function needs NEON, which is part of every 64-bit ARM.
                // JUSTIFICATION: the compiler asks for the word here although the target always
                // has the feature.
                unsafe { neon::read(bytes, slots) }
            }
            Front::Portable => portable::read(bytes, slots),
            _ => None,
        }
    }
}

/// The sum of all bytes, modulo 256.
#[inline]
#[allow(unsafe_code)]
pub(crate) fn check_sum(bytes: &[u8]) -> u8 {
    // SAFETY: the best front is one that the processor has.
    // JUSTIFICATION: asking anew whether it has it would cost what the sum of a short message does.
    unsafe { check_sum_on(Front::best(), bytes) }
}

/// The same by a given front; by portable code where the processor does not have it.
#[inline]
#[allow(unsafe_code)]
pub(crate) fn check_sum_by(front: Front, bytes: &[u8]) -> u8 {
    let front = if front.is_available() {
        front
    } else {
        Front::Portable
    };
    // SAFETY: the processor has it, or it is portable.
    // JUSTIFICATION: as above.
    unsafe { check_sum_on(front, bytes) }
}

/// # Safety
/// The processor must have `front`.
#[inline]
#[allow(unsafe_code)]
unsafe fn check_sum_on(front: Front, bytes: &[u8]) -> u8 {
    match front {
        #[cfg(target_arch = "x86_64")]
        Front::Avx512 => {
            // SAFETY: the caller says that the processor has it, and the function needs no more.
            // JUSTIFICATION: a safe call would need it for the whole program.
            unsafe { avx512::check_sum(bytes) }
        }
        #[cfg(target_arch = "x86_64")]
        Front::Avx2 => {
            // SAFETY: as above. JUSTIFICATION: as above.
            unsafe { avx2::check_sum(bytes) }
        }
        _ => portable::check_sum(bytes),
    }
}

#[inline]
fn available() -> u8 {
    match AVAILABLE.load(Ordering::Relaxed) {
        0 => ask_processor(),
        known => known,
    }
}

#[cold]
fn ask_processor() -> u8 {
    let mut found = Front::Plain.bit() | Front::Portable.bit();
    if cfg!(target_arch = "aarch64") {
        found |= Front::Neon.bit();
    }
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        found |= Front::Sse2.bit();
        if has!("avx2") && has!("bmi1") && has!("bmi2") && has!("popcnt") && has!("lzcnt") {
            found |= Front::Avx2.bit();
            if has!("avx512f")
                && has!("avx512bw")
                && has!("avx512vl")
                && has!("avx512vbmi")
                && has!("avx512vbmi2")
            {
                found |= Front::Avx512.bit();
            }
        }
    }
    AVAILABLE.store(found, Ordering::Relaxed);
    found
}
