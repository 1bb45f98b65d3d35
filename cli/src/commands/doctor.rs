//! `gwanmun doctor`: what of this host helps or hurts latency.

use std::path::{Path, PathBuf};

use clap::Args;
use gwanmun_host::config::Config;
use serde_json::{Value, json};

use crate::doctor::examine;
use crate::doctor::finding::{Finding, Severity};
use crate::doctor::host::{Host, Kernel};
use crate::exit::{Exit, Failure};
use crate::show;

/// Look at this host: what helps and what hurts latency, with a remedy for each.
///
/// Nothing is changed: the remedies are commands for you to type. What a container or a kernel does
/// not show is told as unknown.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun doctor                         this host
  gwanmun doctor --config gateway.toml   ... and a gateway's cores, folders and ports
  gwanmun doctor --json | jq '.findings[] | select(.severity == \"hurts\")'

Severities: good; note, worth knowing; hurts, slower or less even; stops, the gateway will not run
as configured. The exit code is 1 when something stops.")]
pub struct Doctor {
    /// A gateway's configuration: its cores, folders and ports are looked at as well.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Runs it.
    ///
    /// # Errors
    /// When the configuration is refused.
    pub fn run(self) -> Result<Exit, Failure> {
        let config = self.config.as_deref().map(Config::load).transpose();
        let config = config.map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
        let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        let host = Host::new(Path::new("/"), &Kernel);
        let findings = examine(&host, config.as_ref(), &here);
        if self.json {
            show::out(&format!("{}\n", to_json(&findings)))?;
        } else {
            let lines: Vec<String> = findings.iter().map(Finding::to_lines).collect();
            show::out(&lines.concat())?;
        }
        Ok(exit(&findings))
    }
}

fn to_json(findings: &[Finding]) -> Value {
    let count = |severity: Severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    json!({
        "findings": findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
        "good": count(Severity::Good),
        "note": count(Severity::Note),
        "hurts": count(Severity::Hurts),
        "stops": count(Severity::Stops),
    })
}

fn exit(findings: &[Finding]) -> Exit {
    if findings
        .iter()
        .any(|finding| finding.severity == Severity::Stops)
    {
        Exit::No
    } else {
        Exit::Done
    }
}
