//! Threads with names.
//!
//! In here: spawning, so that every thread can be told apart in `top -H`. Not in here: pinning,
//! which a thread does itself once it runs (`cores`).

use std::thread::JoinHandle;

use crate::errno::Errno;

/// Longest name the kernel keeps, in bytes; what is longer is cut at a character.
pub const NAME_BYTES_MAX: usize = 15;

/// Starts a thread that is called `name`.
///
/// # Errors
/// The kernel's number when no thread can be made (usually a limit on tasks), or 0 when the name
/// has a NUL in it.
pub fn spawn<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, Errno> {
    if name.contains('\0') {
        return Err(Errno(0));
    }
    let cut = name.floor_char_boundary(NAME_BYTES_MAX);
    let name = name.get(..cut).unwrap_or_default();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error| Errno::of(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_knows_the_name() {
        let read = || std::fs::read_to_string("/proc/thread-self/comm").unwrap();
        let check = |name: &str, seen: &str| {
            assert_eq!(spawn(name, read).unwrap().join().unwrap().trim_end(), seen);
        };
        check("order core", "order core");
        check("a name that is cut somewhere", "a name that is");
        assert_eq!(spawn("a\0b", || ()).err(), Some(Errno(0)));
    }
}
