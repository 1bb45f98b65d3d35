//! `gwanmun gateway`: the order gateway, or only a look at its configuration.

use std::path::PathBuf;

use clap::Args;
use gwanmun_host::config::{Config, ConfigError, SessionConfig, Shown, Tables};
use gwanmun_host::{Event, Outcome, StartError};
use gwanmun_runtime::clock::wall_now_ns;
use gwanmun_runtime::signals::Termination;
use serde_json::json;

use crate::events::{EventLine, EventPrinter};
use crate::exit::{Exit, Failure};
use crate::show;

/// Run the order gateway.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun gateway --config gateway.toml --check   read everything, say what is wrong, stop
  gwanmun gateway --config gateway.toml           run until SIGINT or SIGTERM
  gwanmun gateway --example > gateway.toml        begin with the commented example")]
pub struct Gateway {
    /// The configuration, a TOML file.
    #[arg(long, value_name = "FILE", required_unless_present = "example")]
    config: Option<PathBuf>,
    /// Read the configuration, its secrets and its tables, show what is in force, and stop.
    #[arg(long)]
    check: bool,
    /// Print the commented example configuration and stop.
    #[arg(long)]
    example: bool,
    /// Events, and with --check the answer, as JSON.
    #[arg(long)]
    json: bool,
}

impl Gateway {
    /// Runs it.
    ///
    /// # Errors
    /// A configuration that was refused, or a host that refuses.
    pub fn run(self) -> Result<Exit, Failure> {
        let Some(path) = self.config.filter(|_| !self.example) else {
            show::out(gwanmun_host::config::GATEWAY_EXAMPLE)?;
            return Ok(Exit::Done);
        };
        let read = Config::load(&path)
            .and_then(|config| Tables::load(&config.tables.file).map(|tables| (config, tables)));
        let (config, tables) = match read {
            Ok(read) => read,
            Err(error) => return refuse(&error, self.json, self.check),
        };
        if self.check {
            gwanmun_host::check(&config, &tables)
                .map_err(|error| Failure::new(exit_of(&error), error.to_string()))?;
            check(&config, &tables, self.json)?;
            return Ok(Exit::Done);
        }
        trade(&config, &tables, self.json)
    }
}

/// Runs the gateway until it is asked to stop.
fn trade(config: &Config, tables: &Tables, is_json: bool) -> Result<Exit, Failure> {
    let stop =
        Termination::on_signals().map_err(|error| Failure::host("no signal handler", &error))?;
    let printer = EventPrinter {
        process: "gateway",
        is_json,
    };
    let mut print = |event: Event| printer.print(&EventLine::new(&event, config), wall_now_ns());
    match gwanmun_host::run(config, tables, None, &|| stop.is_asked(), &mut print) {
        Ok(Outcome::Stopped) if stop.was_interrupted() => Ok(Exit::Interrupted),
        Ok(Outcome::Stopped) => Ok(Exit::Done),
        // The event has said what happened and what follows from it.
        Ok(Outcome::JournalFailed) => Ok(Exit::Host),
        Ok(Outcome::BrokenInvariant) => Ok(Exit::Invariant),
        Err(error) => {
            let line = EventLine::refused_start(&error.to_string());
            printer.print(&line, wall_now_ns());
            Ok(exit_of(&error))
        }
    }
}

fn exit_of(error: &StartError) -> Exit {
    match error {
        error if error.is_damage() => Exit::Input,
        error if error.is_configuration() => Exit::Usage,
        _ => Exit::Host,
    }
}

fn check(config: &Config, tables: &Tables, is_json: bool) -> Result<(), Failure> {
    let counts = [
        ("accounts", tables.accounts.len()),
        ("instruments", tables.instruments.len()),
        ("holdings", tables.holdings.len()),
    ];
    if is_json {
        let mut answer = json!({ "ok": true, "effective": config.effective() });
        for (name, count) in counts {
            answer[name] = json!(count);
        }
        answer["hours"] = hours_json(config);
        show::out(&format!("{answer}\n"))?;
    } else {
        let counts: Vec<String> = counts
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let verdict = show::styled(show::GOOD, "in force");
        show::out(&format!(
            "{}\n{}# {verdict}: {} session(s), {} venue(s); tables: {}\n",
            show_lines(&config.effective()),
            hours_lines(config),
            config.sessions.len(),
            config.venues.len(),
            counts.join(", ")
        ))?;
    }
    Ok(())
}

/// The window of each session that has hours, as of now.
fn hours(config: &Config) -> Vec<(&SessionConfig, Shown)> {
    let now_ns = wall_now_ns();
    let sessions = config.sessions.iter();
    let next = |session: &SessionConfig| session.hours.as_ref()?.next(now_ns);
    sessions
        .filter_map(|session| Some((session, next(session)?)))
        .collect()
}

fn hours_lines(config: &Config) -> String {
    let mut lines = String::new();
    for (session, shown) in hours(config) {
        let member = show::escaped(&session.target_comp_id.to_string());
        let what = match (shown.is_reset_time, shown.is_open) {
            (true, _) => "may be reset",
            (false, true) => "is open",
            (false, false) => "opens next",
        };
        let ((from, to), (local_from, local_to)) = (&shown.utc, &shown.local);
        lines.push_str(&format!(
            "# {member} {what}: {from} to {to} UTC\n#   {local_from} to {local_to} {}\n",
            shown.zone
        ));
    }
    lines
}

fn hours_json(config: &Config) -> serde_json::Value {
    let rows = hours(config).into_iter().map(|(session, shown)| {
        json!({
            "session": session.target_comp_id.to_string(),
            "kind": if shown.is_reset_time { "reset_time" } else { "window" },
            "open": shown.is_open,
            "from": shown.utc.0,
            "to": shown.utc.1,
            "zone": shown.zone,
            "local_from": shown.local.0,
            "local_to": shown.local.1,
        })
    });
    rows.collect()
}

/// Several lines, each with its control characters escaped.
fn show_lines(text: &str) -> String {
    text.lines()
        .map(show::escaped)
        .collect::<Vec<_>>()
        .join("\n")
}

/// What is wrong with a configuration: as a compiler shows it, or as one JSON object. That goes to
/// the standard output where it is the answer that was asked for, else to the standard error, where
/// a run has all it tells.
pub(super) fn refuse(error: &ConfigError, is_json: bool, is_answer: bool) -> Result<Exit, Failure> {
    if !is_json {
        return Err(Failure::new(Exit::Usage, error.coloured()));
    }
    let problems: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| {
            let (line, column) = error.line_and_column(problem);
            json!({
                "file": error.file(),
                "line": line,
                "column": column,
                "key": problem.key,
                "message": problem.message,
                "remedy": problem.remedy,
            })
        })
        .collect();
    let told = json!({ "ok": false, "problems": problems });
    if is_answer {
        show::out(&format!("{told}\n"))?;
    } else {
        show::note(&told.to_string());
    }
    Ok(Exit::Usage)
}
