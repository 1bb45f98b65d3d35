//! `gwanmun desk`: commands to a gateway that runs, over its socket.
//!
//! In it: the way of a command's words to the desk, and its answer; the words themselves are in a
//! file for each verb. Not in it: whether a command may be followed, which the gateway alone says.

mod add_session;
mod approve;
mod ledger;
mod sessions;
mod set_number;
mod tables;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use gwanmun_host::config::Config;
use serde_json::json;

use super::gateway::refuse;
use crate::exit::{Exit, Failure};
use crate::show;

/// How long an answer may take: longer than the desk waits for anything.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest answer read: a line for each of 512 sessions, and more.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Give commands to a running gateway.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Desk {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  gwanmun desk status --config gateway.toml        every session with its two next numbers
  gwanmun desk set-number --config gateway.toml --session MEMBER1 --direction in --number 1 \\
    --reason \"lost its store\"                      the member begins at 1 again, we go on
  gwanmun desk reload --config gateway.toml --reason \"a new member\"
  gwanmun desk add-session --config gateway.toml --template dma --target-comp-id MEMBER9 \\
    --username member9 --password-file member9 --reason \"a new member\"
  gwanmun desk tables --config gateway.toml --requester lee --reason \"a lower limit for tier 1\"
  gwanmun desk approve GW100000000042 --config gateway.toml --requester lee --reason \"as meant\"
  gwanmun desk borrows --config gateway.toml       the loans that short sales were refused for
  gwanmun desk loan --config gateway.toml --account ACC-1 --symbol 005930 --quantity 50 \\
    --requester lee --reason \"loan L-77 confirmed\"

The exit code is 1 where the gateway refuses, and 4 where it does not answer or cannot tell whether
a command was followed.";

#[derive(Debug, Subcommand)]
enum Action {
    /// Let a held order leave, if every check still passes it.
    #[command(after_help = EXAMPLES)]
    Approve(approve::Approve),
    /// Show the sessions with their next sequence numbers.
    #[command(after_help = EXAMPLES)]
    Status(sessions::Status),
    /// Read the session list of the gateway's configuration again.
    #[command(after_help = EXAMPLES)]
    Reload(sessions::Reload),
    /// Add a session made of a template of the configuration, at once and for later starts.
    #[command(after_help = EXAMPLES)]
    AddSession(add_session::AddSession),
    /// Set one sequence number of one session, without a reset of both.
    #[command(after_help = EXAMPLES)]
    SetNumber(set_number::SetNumber),
    /// Read the tables' file again and put it in force, between two orders.
    #[command(after_help = EXAMPLES)]
    Tables(tables::Tables),
    /// Confirm a loan: so many shares are borrowed, and may be sold short.
    #[command(after_help = EXAMPLES)]
    Loan(ledger::Change),
    /// Return borrowed shares, unless sales of today need them.
    #[command(after_help = EXAMPLES)]
    Return(ledger::Change),
    /// Settled shares come in from elsewhere, or go there.
    #[command(after_help = EXAMPLES)]
    Transfer(ledger::DirectedChange),
    /// Lent shares are called back and certain to return (in), or do not return after all (out).
    #[command(after_help = EXAMPLES)]
    Recall(ledger::DirectedChange),
    /// Show what an account may sell of an instrument.
    #[command(after_help = EXAMPLES)]
    Balance(ledger::Balance),
    /// List the loans that refused short sales ask for.
    #[command(after_help = EXAMPLES)]
    Borrows(ledger::Borrows),
}

/// Which desk, and how to answer.
#[derive(Debug, Args)]
struct Place {
    /// The gateway's configuration, which names the socket.
    #[arg(long, value_name = "FILE", required_unless_present = "socket")]
    config: Option<PathBuf>,
    /// The socket itself.
    #[arg(long, value_name = "PATH", conflicts_with = "config")]
    socket: Option<PathBuf>,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

/// Why a command is given.
#[derive(Debug, Args)]
struct Why {
    /// Why: it stands in the journal.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who asked for it; another person than the one who gives the command.
    #[arg(long, value_name = "WHO")]
    requester: Option<String>,
}

impl Why {
    fn words(&self) -> Vec<(&str, &str)> {
        let mut words = vec![("reason", self.reason.as_str())];
        words.extend(self.requester.as_deref().map(|who| ("requester", who)));
        words
    }
}

impl Desk {
    /// Does it.
    ///
    /// # Errors
    /// A configuration that is refused, or a gateway that does not answer.
    pub fn run(self) -> Result<Exit, Failure> {
        match self.action {
            Action::Approve(approve) => approve.ask(),
            Action::Status(status) => status.ask(),
            Action::Reload(reload) => reload.ask(),
            Action::AddSession(add) => add.ask(),
            Action::SetNumber(set) => set.ask(),
            Action::Tables(tables) => tables.ask(),
            Action::Loan(change) => change.ask("loan"),
            Action::Return(change) => change.ask("return"),
            Action::Transfer(change) => change.ask("transfer"),
            Action::Recall(change) => change.ask("recall"),
            Action::Balance(balance) => balance.ask(),
            Action::Borrows(borrows) => borrows.ask(),
        }
    }
}

/// Says a line and shows the answer.
fn ask(place: &Place, verb: &str, words: &[(&str, &str)]) -> Result<Exit, Failure> {
    let socket = match (&place.socket, &place.config) {
        (Some(socket), _) => socket.clone(),
        (None, Some(path)) => match Config::load(path) {
            Ok(config) => {
                let desk = config.desk.map(|desk| desk.socket);
                let none = "the configuration has no [desk]: add one and start the gateway anew";
                desk.ok_or_else(|| Failure::new(Exit::Usage, none))?
            }
            Err(error) => return refuse(&error, place.json, true),
        },
        (None, None) => return Err(Failure::new(Exit::Usage, "no --config and no --socket")),
    };
    let mut line = verb.to_owned();
    for (key, value) in words {
        line += &format!(" {key}={}", escaped(value));
    }
    line.push('\n');
    let failed = |error: std::io::Error| {
        let name = show::escaped(&socket.display().to_string());
        let what = format!("{name}: {error}; does the gateway run, and is it yours?");
        Failure::new(Exit::Host, what)
    };
    let answer = exchange(&socket, &line).map_err(failed)?;
    tell(&answer, place.json)
}

fn exchange(socket: &std::path::Path, line: &str) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(line.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Shows an answer: lines of facts, then one with what became of the command.
fn tell(answer: &str, is_json: bool) -> Result<Exit, Failure> {
    let lines: Vec<&str> = answer.lines().collect();
    let (last, facts) = lines.split_last().unwrap_or((&"", &[]));
    let (outcome, detail) = last.split_once(' ').unwrap_or((last, ""));
    let exit = match outcome {
        "done" => Exit::Done,
        "refused" => Exit::No,
        _ => Exit::Host,
    };
    if is_json {
        let told = json!({ "outcome": outcome, "detail": detail, "facts": facts });
        show::out(&format!("{told}\n"))?;
    } else {
        for fact in facts {
            show::out(&format!("{}\n", show::escaped(fact)))?;
        }
        match exit {
            Exit::Done => show::out(&format!("{}\n", show::escaped(last)))?,
            _ => show::note(&show::escaped(match outcome {
                "" => "the gateway ended before it answered: ask for the status",
                _ => last,
            })),
        }
    }
    Ok(exit)
}

/// A value as the desk reads it.
fn escaped(value: &str) -> String {
    let mut escaped = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            escaped.push(char::from(byte));
        } else {
            escaped += &format!("%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_for_the_line() {
        assert_eq!(escaped("lost 5%\nof it=x"), "lost%205%25%0Aof%20it=x");
        assert_eq!(escaped("\u{d55c}"), "%ED%95%9C");
    }

    #[test]
    fn an_answer_that_breaks_off_is_no_success() {
        for (answer, exit) in [
            ("done record=5\n", Exit::Done),
            ("session A/B line=up in=1 out=1\ndone\n", Exit::Done),
            ("refused there is no session X\n", Exit::No),
            ("unknown the journal cannot go on\n", Exit::Host),
            ("session A/B line=up in=1 out=1\n", Exit::Host),
            ("", Exit::Host),
        ] {
            assert_eq!(tell(answer, true), Ok(exit), "{answer:?}");
        }
    }
}
