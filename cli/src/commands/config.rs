//! `gwanmun config`: configurations of other engines turned into ours.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::import::{self, Imported, LeftOut};
use crate::{show, text_file};

/// Longest settings file read, in bytes.
const FILE_BYTES_MAX: usize = 16 << 20;

/// Turn the configuration of another engine into ours.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct ConfigCommand {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  gwanmun config import-quickfix acceptor.cfg > gateway.toml   what is left out is told beside it
  gwanmun config import-quickfix acceptor.cfg --json           both as one JSON object

The exit code is 1 where no session could be carried over, and 3 for a file that is no settings
file; it is told with its line.";

#[derive(Debug, Subcommand)]
enum Action {
    /// Turn a QuickFIX settings file into a gateway's, and list every key that is not in it.
    #[command(after_help = EXAMPLES)]
    ImportQuickfix(ImportQuickfix),
}

#[derive(Debug, Args)]
struct ImportQuickfix {
    /// The settings file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// One JSON object: the configuration, and what was left out.
    #[arg(long)]
    json: bool,
}

impl ConfigCommand {
    /// Does it.
    ///
    /// # Errors
    /// A file that cannot be read, or is no settings file.
    pub fn run(self) -> Result<Exit, Failure> {
        let Action::ImportQuickfix(action) = self.action;
        action.run()
    }
}

impl ImportQuickfix {
    fn run(&self) -> Result<Exit, Failure> {
        let file = &self.file;
        let text = text_file::read(file, FILE_BYTES_MAX)?;
        let imported = import::import(&text).map_err(|error| Failure::input(file, &error))?;
        if self.json {
            show::out(&format!("{}\n", as_json(&imported)))?;
        } else {
            show::out(&imported.toml)?;
            tell(&imported);
        }
        Ok(if imported.sessions == 0 {
            Exit::No
        } else {
            Exit::Done
        })
    }
}

fn tell(imported: &Imported) {
    let (sessions, left_out) = (imported.sessions, imported.left_out.len());
    show::note(&format!(
        "{sessions} sessions carried over, {left_out} settings not:"
    ));
    for LeftOut {
        line,
        section,
        key,
        value,
        reason,
    } in &imported.left_out
    {
        let setting = match value.as_str() {
            "" => show::escaped(key),
            value => show::escaped(&format!("{key}={value}")),
        };
        show::note(&format!("  line {line} ({section}): {setting}: {reason}"));
    }
}

fn as_json(imported: &Imported) -> serde_json::Value {
    let left_out = imported.left_out.iter().map(|left_out| {
        json!({
            "line": left_out.line,
            "section": left_out.section,
            "key": left_out.key,
            "value": left_out.value,
            "reason": left_out.reason,
        })
    });
    json!({
        "sessions": imported.sessions,
        "toml": imported.toml,
        "left_out": left_out.collect::<Vec<_>>(),
    })
}
