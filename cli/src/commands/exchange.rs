//! `gwanmun exchange`: the simulated venue.

use std::path::{Path, PathBuf};

use clap::Args;
use gwanmun_exchange::{Config, EventLines, ExchangeError};
use gwanmun_host::config::{ConfigError, Problem};
use gwanmun_runtime::signals::Termination;

use super::gateway::refuse;
use crate::exit::{Exit, Failure};

/// Run the simulated venue.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun exchange --config exchange.toml          run until SIGINT or SIGTERM
  gwanmun exchange --config exchange.toml --json   events as JSON lines on the standard error")]
pub struct Exchange {
    /// The configuration, a TOML file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Events as JSON.
    #[arg(long)]
    json: bool,
}

impl Exchange {
    /// Runs it.
    ///
    /// # Errors
    /// A configuration that was refused, or a host that refuses.
    pub fn run(self) -> Result<Exit, Failure> {
        let name = self.config.display().to_string();
        let text = std::fs::read_to_string(&self.config).map_err(|error| Failure {
            exit: Exit::Usage,
            ..Failure::input(&self.config, &error)
        })?;
        let is_json = self.json || Config::parse(&text).is_ok_and(|config| config.log_json);
        let stop = Termination::on_signals()
            .map_err(|error| Failure::host("no signal handler", &error))?;
        let mut operator = EventLines::new(std::io::stderr(), is_json);
        let folder = self.config.parent().unwrap_or(Path::new(""));
        match gwanmun_exchange::run(&text, folder, &|| stop.is_asked(), &mut operator) {
            Ok(_) if stop.was_interrupted() => Ok(Exit::Interrupted),
            Ok(_) => Ok(Exit::Done),
            Err(ExchangeError::Config(error)) => {
                refuse(&located(&name, &text, &error), is_json, false)
            }
            Err(ExchangeError::Plan(error)) => {
                let text = std::fs::read_to_string(&error.file).unwrap_or_default();
                let name = error.file.display().to_string();
                refuse(&located(&name, &text, &error.error), is_json, false)
            }
            Err(error @ ExchangeError::Desk(_)) => {
                Err(Failure::new(Exit::Invariant, error.to_string()))
            }
            Err(error) => Err(Failure::new(Exit::Host, error.to_string())),
        }
    }
}

/// The venue's configuration error in the form in which all of them are shown.
fn located(file: &str, text: &str, error: &gwanmun_exchange::ConfigError) -> ConfigError {
    let problem = Problem {
        span: error.span.clone().unwrap_or(0..0),
        key: String::new(),
        message: error.message.clone(),
        remedy: String::new(),
    };
    ConfigError::new(file, text, vec![problem])
}
