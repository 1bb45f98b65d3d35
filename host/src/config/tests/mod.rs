//! Both files as a whole: the examples load, every key is explained, every mistake is named.
//!
//! `examples` is what the two example files promise, `gateway_mistakes` and `tables_mistakes` are
//! what is told about a wrong one,
//! `tls` what holds for that key.

mod examples;
mod gateway_mistakes;
mod market_rules;
mod schedule;
mod tables_mistakes;
mod tls;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Config, ConfigError, Surroundings};

/// A folder with the secrets that the example names, removed when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Folder {
        // Tests of one process may ask for the same name at the same time.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // A socket's path within it has to fit.
        let name = format!("gwanmun-config-{test:.32}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(path.join("secrets")).unwrap();
        std::fs::write(path.join("secrets/member1"), "m1-pass\n").unwrap();
        std::fs::write(path.join("secrets/krx"), "krxpass").unwrap();
        std::fs::write(path.join("secrets/long"), "12345678901").unwrap();
        std::fs::write(path.join("secrets/control"), "a\x1b[2J").unwrap();
        Folder(path)
    }

    pub(crate) fn parse(&self, source: &str) -> Result<Config, ConfigError> {
        let surroundings = Surroundings {
            base_dir: self.0.clone(),
            credentials_dir: None,
        };
        Config::parse(source, "gateway.toml", &surroundings)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
