//! The commands, one file each; `fix_peer` has what three of them share.

pub mod capture;
pub mod certify;
pub mod completions;
pub mod config;
pub mod conformance_acceptor;
pub mod conformance_initiator;
pub mod decode;
pub mod demo;
pub mod desk;
pub mod dictionary;
pub mod doctor;
pub mod exchange;
pub mod fix_peer;
pub mod gateway;
pub mod load;
pub mod man;
pub mod replay;
pub mod what_if;

use clap::{Parser, Subcommand};

use crate::exit::{EXIT_CODES, Exit, Failure};

/// FIX and binary order gateway with pre-trade checks and a capture that proves what happened.
#[derive(Debug, Parser)]
#[command(name = "gwanmun", version, propagate_version = true, after_help = EXIT_CODES)]
#[command(arg_required_else_help = true)]
pub struct Program {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a venue and a gateway on this machine, send a day of orders and show what came of it.
    Demo(demo::Demo),
    /// Run the order gateway.
    Gateway(gateway::Gateway),
    /// Run the simulated venue.
    Exchange(exchange::Exchange),
    /// Show FIX and OUCH messages with names: from text, logs, captures and journals.
    Decode(decode::Decode),
    /// Verify or show a capture.
    Capture(capture::Capture),
    /// Make a journal's decisions again and compare.
    Replay(replay::Replay),
    /// Replay a day with other tables or limits: which orders would have been refused, and by what.
    WhatIf(what_if::WhatIfCommand),
    /// Send orders over many sessions at a fixed schedule and measure every answer.
    Load(Box<load::Load>),
    /// Look at this host: what helps and what hurts latency, with a remedy for each.
    Doctor(doctor::Doctor),
    /// Give commands to a running gateway: its sessions and their numbers.
    Desk(desk::Desk),
    /// Check a FIX dictionary in QuickFIX's XML form.
    Dictionary(dictionary::DictionaryCommand),
    /// Turn the configuration of another engine into ours.
    Config(config::ConfigCommand),
    /// Run the bare FIX session layer, so that an acceptance suite can be run against it.
    ConformanceAcceptor(conformance_acceptor::ConformanceAcceptor),
    /// Send orders to a FIX acceptor over the bare session layer, through dropped lines and gaps.
    ConformanceInitiator(conformance_initiator::ConformanceInitiator),
    /// Certify a member's engine: play scenarios with it and report PASS or FAIL of each.
    Certify(certify::Certify),
    /// Print a completion script for a shell.
    Completions(completions::Completions),
    /// Write the man pages into a folder.
    Man(man::Man),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`] with the exit code and the sentence for the person.
    pub fn run(self) -> Result<Exit, Failure> {
        match self {
            Command::Demo(command) => command.run(),
            Command::Gateway(command) => command.run(),
            Command::Exchange(command) => command.run(),
            Command::Decode(command) => command.run(),
            Command::Capture(command) => command.run(),
            Command::Replay(command) => command.run(),
            Command::WhatIf(command) => command.run(),
            Command::Load(command) => command.run(),
            Command::Doctor(command) => command.run(),
            Command::Desk(command) => command.run(),
            Command::Dictionary(command) => command.run(),
            Command::Config(command) => command.run(),
            Command::ConformanceAcceptor(command) => command.run(),
            Command::ConformanceInitiator(command) => command.run(),
            Command::Certify(command) => command.run(),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_holds_and_every_command_shows_an_example() {
        let mut program = Program::command();
        program.clone().debug_assert();
        program.build();
        for command in program
            .get_subcommands()
            .filter(|command| command.get_name() != "help")
        {
            let help = command.clone().render_long_help().to_string();
            assert!(help.contains("Example"), "{}: {help}", command.get_name());
        }
    }
}
