//! Where the gateway's program is: built here when cargo runs us, so that what is raced is what the
//! working tree says.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Fault;
use super::gateway::Program;

/// The program that carries orders and nothing else.
const NAME: &str = "gwanmun-gateway";
const PACKAGE: &str = "gwanmun-host";

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
    Ok(Program(vec![path, "{config}".to_owned()]))
}

/// Our own program in another mode.
///
/// # Errors
/// The system does not tell where it is.
pub fn ourselves(arguments: &[&str]) -> Result<Program, Fault> {
    let path = std::env::current_exe()?.display().to_string();
    let words = arguments.iter().map(|&word| word.to_owned());
    Ok(Program(core::iter::once(path).chain(words).collect()))
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
