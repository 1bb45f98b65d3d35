//! The pass over a message's bytes that finds every field.
//!
//! [`plain`] reads byte by byte and says what is right. `vector` reads ordinary messages 64 bytes
//! at a time and declines all others, which are then read plainly; `sse2` and `avx2` are its thin
//! fronts, chosen here by what the processor has. All give the same answer for all bytes
//! (`fast_equals_plain`).
//!
//! This folder is the only place in the crate where unsafe code is allowed: for loads, and for the
//! calls into functions that need an instruction set.

pub mod plain;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod sse2;
#[cfg(target_arch = "x86_64")]
mod vector;

#[cfg(test)]
mod tests;

use crate::error::FieldError;
use crate::index::Index;

/// Fills the index with every field of the message and names the first that is wrong.
///
/// What follows a wrong field is read all the same, so that MsgSeqNum(34) can be named in the
/// answer.
pub fn scan(bytes: &[u8], index: &mut Index) -> Option<FieldError> {
    Front::best().scan(bytes, index)
}

/// The ways to scan, for tests, fuzzing and benches that compare them; others call [`scan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// Byte by byte.
    Plain,
    /// 16 bytes at a time; every x86-64 has it.
    Sse2,
    /// 32 bytes at a time, with BMI1, BMI2 and POPCNT.
    Avx2,
}

impl Front {
    /// All of them, the slowest first.
    pub const ALL: [Front; 3] = [Front::Plain, Front::Sse2, Front::Avx2];

    /// The fastest that this processor has. The standard library asks the processor once and
    /// remembers.
    #[must_use]
    pub fn best() -> Front {
        if Front::Avx2.is_available() {
            Front::Avx2
        } else if Front::Sse2.is_available() {
            Front::Sse2
        } else {
            Front::Plain
        }
    }

    /// Whether this processor has it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Front::Plain => true,
            Front::Sse2 => cfg!(target_arch = "x86_64"),
            #[cfg(target_arch = "x86_64")]
            Front::Avx2 => {
                std::arch::is_x86_feature_detected!("avx2")
                    && std::arch::is_x86_feature_detected!("bmi1")
                    && std::arch::is_x86_feature_detected!("bmi2")
                    && std::arch::is_x86_feature_detected!("popcnt")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Front::Avx2 => false,
        }
    }

    /// As [`scan`]; plainly where the processor lacks what it takes.
    pub fn scan(self, bytes: &[u8], index: &mut Index) -> Option<FieldError> {
        if self.scan_ordinary(bytes, index) {
            None
        } else {
            plain::scan(bytes, index)
        }
    }

    /// Scans an ordinary message; tells whether it was one.
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code)]
    fn scan_ordinary(self, bytes: &[u8], index: &mut Index) -> bool {
        match self {
            Front::Avx2 if self.is_available() => {
                // SAFETY: the function needs AVX2, BMI1, BMI2 and POPCNT, which the guard of this
                // arm has just found. JUSTIFICATION: a safe call would need AVX2 for the whole
                // program; most of 64-bit x86 has it, not all.
                unsafe { avx2::scan(bytes, index) }
            }
            Front::Sse2 => {
                // SAFETY: the function needs SSE2, which is part of every x86-64. JUSTIFICATION:
                // the compiler asks for the word here although the target always has the feature.
                unsafe { sse2::scan(bytes, index) }
            }
            Front::Avx2 | Front::Plain => false,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn scan_ordinary(self, _bytes: &[u8], _index: &mut Index) -> bool {
        false
    }
}
