//! Text files that people name on the command line, whatever they are: devices too.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::exit::Failure;

/// The whole text of a file of at most `bytes_max` bytes.
///
/// # Errors
/// It cannot be read, is no UTF-8, or is longer.
pub(crate) fn read(path: &Path, bytes_max: usize) -> Result<String, Failure> {
    let mut text = String::new();
    // One byte more tells that it is too long.
    let most = u64::try_from(bytes_max)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    File::open(path)
        .and_then(|open| open.take(most).read_to_string(&mut text))
        .map_err(|error| Failure::input(path, &error))?;
    if text.len() > bytes_max {
        let limit = format!("the file is longer than {} MiB", bytes_max >> 20);
        return Err(Failure::input(path, &limit));
    }
    Ok(text)
}
