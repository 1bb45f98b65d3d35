//! Sessions that were added at the desk, in a file of their own beside the configuration.

use std::path::{Path, PathBuf};

use super::{Config, ConfigError, Surroundings, error};

/// Where sessions stand that were added at the desk: beside the configuration, under its name with
/// `.added` behind it. The gateway writes it, and whoever keeps the configuration may move its
/// sessions into that, in their order and behind the others.
#[must_use]
pub fn added_path(config: &Path) -> PathBuf {
    let mut name = config.as_os_str().to_owned();
    name.push(".added");
    PathBuf::from(name)
}

impl Config {
    /// What [`Config::load`] reads, with one more piece at the end.
    ///
    /// # Errors
    /// As that.
    pub(crate) fn load_with(path: &Path, piece: &str) -> Result<Config, ConfigError> {
        let mut content = error::read_file(path)?;
        let mut name = path.display().to_string();
        let added = added_path(path);
        if added.exists() || !piece.is_empty() {
            let sessions = if added.exists() {
                error::read_file(&added)?
            } else {
                String::new()
            };
            content = format!("{content}\n{sessions}{piece}");
            name = format!("{name} with {}", added.display());
        }
        let surroundings = Surroundings {
            base_dir: path.parent().map(Path::to_path_buf).unwrap_or_default(),
            credentials_dir: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        };
        let config = Config::parse(&content, &name, &surroundings);
        config.map(|config| Config {
            file: Some(path.to_path_buf()),
            ..config
        })
    }
}
