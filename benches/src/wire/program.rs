//! The programs that are raced: where the gateway's is, built here when cargo runs us, so that what
//! is raced is what the working tree says; and how a program is started so that it cannot outlive
//! the race, not even one that is killed while its lanes stand still.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Signal, set_parent_process_death_signal};

use super::Fault;
use super::gateway::Program;

/// The program that carries orders and nothing else.
const NAME: &str = "gwanmun-gateway";
const PACKAGE: &str = "gwanmun-host";
/// Name of the mode that becomes another program.
pub const EXEC: &str = "exec";

/// The command of the built-in gateway lanes: the program at `given`, or the one beside ours, which
/// is built first where cargo is at hand.
///
/// # Errors
/// It cannot be built or is not there.
pub fn gateway(given: Option<&str>) -> Result<Program, Fault> {
    let path = match given {
        Some(path) => PathBuf::from(path),
        None => beside()?,
    };
    if !path.is_file() {
        let text = format!(
            "no gateway at {}: build it (cargo build --release -p {PACKAGE}) or name one with \
             --gateway",
            path.display()
        );
        return Err(Fault(text));
    }
    let path = path.display().to_string();
    guarded(Program(vec![path, "{config}".to_owned()]))
}

/// Our own program in another mode.
///
/// # Errors
/// The system does not tell where it is.
pub fn ourselves(arguments: &[&str]) -> Result<Program, Fault> {
    let path = std::env::current_exe()?.display().to_string();
    let words = arguments.iter().map(|&word| word.to_owned());
    guarded(Program(core::iter::once(path).chain(words).collect()))
}

/// The same program, started by way of [`become_program`].
///
/// # Errors
/// The system does not tell where our own program is.
pub fn guarded(program: Program) -> Result<Program, Fault> {
    let ours = std::env::current_exe()?.display().to_string();
    let mut words = vec![ours, EXEC.to_owned()];
    words.extend(program.0);
    Ok(Program(words))
}

/// Our own mode `exec PROGRAM ARGUMENT...`: asks the kernel to kill this process when its parent
/// dies, and becomes the program.
///
/// # Errors
/// The program cannot be run; otherwise this does not return.
pub fn become_program(words: &[String]) -> Result<(), Fault> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(Fault::new("exec of nothing"));
    };
    let error = Command::new(program).args(arguments).exec();
    Err(Fault::new(format!("{program} cannot be run: {error}")))
}

fn beside() -> Result<PathBuf, Fault> {
    let ours = std::env::current_exe()?;
    let folder = ours.parent().unwrap_or(Path::new("."));
    if let Some(cargo) = std::env::var_os("CARGO") {
        let mut command = Command::new(cargo);
        command
            .args(["build", "--quiet", "-p", PACKAGE, "--bin", NAME])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if folder.file_name().is_some_and(|name| name == "release") {
            command.arg("--release");
        }
        if !command.status()?.success() {
            return Err(Fault::new("the gateway could not be built: see above"));
        }
    }
    Ok(folder.join(NAME))
}
