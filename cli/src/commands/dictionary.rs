//! `gwanmun dictionary`: FIX dictionaries in QuickFIX's XML form.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use gwanmun_fix::dictionary::{Dictionary, DictionaryError, FILE_BYTES_MAX, Standard};
use gwanmun_fix::validate::{Checks, Validator};

use crate::exit::{Exit, Failure};
use crate::show::{self, Pages};
use crate::text_file;

/// Check a FIX dictionary in QuickFIX's XML form.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct DictionaryCommand {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  gwanmun dictionary check FIX50SP2.xml              a whole dictionary
  gwanmun dictionary check desk.xml --extends fix44  one that adds to a standard one

The exit code is 3 for a file with a mistake; it is told with its line and what would be right.";

#[derive(Debug, Subcommand)]
enum Action {
    /// Read a file, say what it holds or what is wrong with it.
    #[command(after_help = EXAMPLES)]
    Check(Check),
}

#[derive(Debug, Args)]
struct Check {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The standard dictionary that the file adds to.
    #[arg(long, value_name = "VERSION")]
    extends: Option<Base>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Base {
    /// FIX.4.2.
    Fix42,
    /// FIX.4.4.
    Fix44,
    /// FIX.5.0SP2 over FIXT.1.1.
    Fix50sp2,
}

impl DictionaryCommand {
    /// Does it.
    ///
    /// # Errors
    /// A file that cannot be read, or is no dictionary.
    pub fn run(self) -> Result<Exit, Failure> {
        let Action::Check(check) = self.action;
        check.run()
    }
}

impl Check {
    fn run(&self) -> Result<Exit, Failure> {
        let file = &self.file;
        let text = text_file::read(file, FILE_BYTES_MAX)?;
        // Names in it may hold anything.
        let wrong =
            |error: DictionaryError| Failure::input(file, &show::escaped(&error.to_string()));
        let dictionary = self.read(&text).map_err(wrong)?;
        let validator = Validator::new(&dictionary, Checks::ALL)
            .map_err(|error| Failure::input(file, &error))?;
        let mut pages = Pages::new();
        pages.write(&format!(
            "{}: {} messages, {} fields, {} components; its tables take {} KiB\n",
            dictionary.version(),
            dictionary.messages().count(),
            dictionary.fields().count(),
            dictionary.components().count(),
            validator.table_bytes() / 1024,
        ))?;
        pages.finish()?;
        Ok(Exit::Done)
    }

    fn read(&self, text: &str) -> Result<Dictionary, DictionaryError> {
        let standard = match self.extends {
            None => return Dictionary::from_xml(text),
            Some(Base::Fix42) => Standard::Fix42,
            Some(Base::Fix44) => Standard::Fix44,
            Some(Base::Fix50sp2) => Standard::Fix50Sp2,
        };
        let mut dictionary = Dictionary::standard(standard);
        dictionary.extend(text)?;
        Ok(dictionary)
    }
}
