//! `gwanmun decode`: messages with names.

use std::path::PathBuf;

use clap::Args;

use crate::decode::{Input, nothing_in};
use crate::exit::{Exit, Failure};
use crate::show::{self, Pages};

/// Show FIX and OUCH messages with names: from text, logs, captures and journals.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun decode fix.log                     a log of any engine, with any separator and prefix
  grep 35=8 fix.log | gwanmun decode -       from the standard input
  gwanmun decode day.pcap --json             what tcpdump or Wireshark wrote
  gwanmun decode out/demo-1/journal | less   a journal

Secrets are shown as asterisks. The exit code is 3 when a message is damaged.")]
pub struct Decode {
    /// A file with text, a pcap or pcapng file, a journal's folder or segment; `-` is the standard
    /// input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// One JSON object per message.
    #[arg(long)]
    json: bool,
}

impl Decode {
    /// Does it.
    ///
    /// # Errors
    /// Input that cannot be read, or holds no message.
    pub fn run(self) -> Result<Exit, Failure> {
        let input = Input::open(&self.file)?;
        let mut pages = Pages::new();
        let (mut count, mut damaged) = (0_u64, 0_u64);
        input.messages(&mut |item| {
            count += 1;
            damaged += u64::from(!item.is_sound());
            if self.json {
                pages.write(&format!("{}\n", item.to_json(count)))?;
            } else {
                pages.write(&item.to_lines(count))?;
            }
            Ok(())
        })?;
        pages.finish()?;
        if count == 0 {
            return Err(nothing_in(&self.file));
        }
        if damaged > 0 {
            let text = format!("{damaged} of {count} messages are damaged");
            show::note(&show::styled(show::BAD, text));
            return Ok(Exit::Input);
        }
        Ok(Exit::Done)
    }
}
