//! What the journal of a start is: the day, the epoch, what it promises, and a salt that nobody can
//! guess.

use std::path::Path;

use gwanmun_captures::journal::Durability;

use crate::config::{Config, JournalMode};
use crate::day::Day;
use crate::journal_writer::ChainTerms;
use crate::start_error::StartError;

/// Where the kernel gives numbers that nobody can guess.
pub(crate) const RANDOM_SOURCE: &str = "/dev/urandom";

/// A number that peers cannot guess: with one that they can, bytes that they send could pass for
/// records. So there is no start without.
pub(crate) fn salt_seed(source: &Path) -> Result<u32, StartError> {
    let mut bytes = [0; 4];
    std::fs::File::open(source)
        .and_then(|mut source| std::io::Read::read_exact(&mut source, &mut bytes))
        .map_err(|error| StartError::io("draw the journal's salt from", source, &error))?;
    Ok(u32::from_le_bytes(bytes))
}

/// What the journal of this start is.
pub(crate) fn chain_terms(
    config: &Config,
    day: &Day,
    (trading_day, epoch): (u32, u32),
) -> Result<ChainTerms, StartError> {
    Ok(ChainTerms {
        trading_day,
        epoch,
        segment_bytes: config.journal.segment_bytes,
        durability: durability(config.journal.mode, day),
        salt_seed: salt_seed(Path::new(RANDOM_SOURCE))?,
    })
}

fn durability(mode: JournalMode, day: &Day) -> Durability {
    match mode {
        JournalMode::Memory => Durability::Process,
        JournalMode::Durable if day.is_disk_only() => Durability::PowerInPlace,
        JournalMode::Durable => Durability::PowerByCopy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_numbers_that_nobody_can_guess_there_is_no_start() {
        let one = salt_seed(Path::new(RANDOM_SOURCE)).unwrap();
        let draws = (0..8).map(|_| salt_seed(Path::new(RANDOM_SOURCE)).unwrap());
        assert!(draws.into_iter().any(|other| other != one));
        for source in ["/no/such/device", "/dev/null"] {
            let error = salt_seed(Path::new(source)).unwrap_err();
            let told = format!("cannot draw the journal's salt from {source}: ");
            assert!(error.to_string().starts_with(&told), "{error}");
            assert!(!error.is_configuration() && !error.is_damage());
        }
    }
}
