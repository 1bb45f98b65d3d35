//! `add-session`: a session made of a template, in force at once and kept for later starts.
//!
//! The configuration is the operator's and is not written to. The session goes into a file beside
//! it, which every start reads behind it, before the gateway is asked: a gateway that dies in
//! between finds a session more than it knew, which any start may. Where the gateway refuses, the
//! file becomes what it was.

use std::io::Write;
use std::path::Path;

use super::reload::take;
use crate::config::{Config, added_path, quoted};
use crate::day::private_file;
use crate::desk::reload::Plan;
use crate::desk::request::Words;
use crate::desk::thread::{DeskThread, first_problem};

pub(super) fn answer(
    desk: &mut DeskThread,
    operator: &str,
    words: &mut Words<'_>,
) -> Result<String, String> {
    let piece = piece(words)?;
    let why = words.why()?;
    words.nothing_else()?;
    let file = desk.config.file.clone();
    let file = file.ok_or("the configuration was read from no file")?;
    let new = Config::load_with(&file, &piece).map_err(|error| first_problem(&error))?;
    let plan = Plan::new(&desk.config, &desk.terms, &new)?;
    if plan.rows.len() != 1 || new.sessions.len() != desk.config.sessions.len() + 1 {
        return Err(
            "the session list in the file is another one than that in force: reload it first"
                .to_owned(),
        );
    }
    let added = added_path(&file);
    let before = std::fs::read_to_string(&added).ok();
    let kept = format!("{}{piece}", before.as_deref().unwrap_or(HEAD));
    let cannot = |error: std::io::Error| format!("{} cannot be written: {error}", added.display());
    keep(&added, &kept).map_err(cannot)?;
    let answer = take(desk, operator, &why, plan);
    let is_refused = answer
        .as_ref()
        .map_or(true, |said| said.starts_with("refused"));
    if is_refused {
        match before {
            Some(before) => keep(&added, &before).map_err(cannot)?,
            None => std::fs::remove_file(&added).map_err(cannot)?,
        }
    }
    answer
}

const HEAD: &str = "# Sessions added at the desk, read behind the configuration.\n";

/// The session as TOML.
fn piece(words: &mut Words<'_>) -> Result<String, String> {
    let mut text = "\n[[session]]\n".to_owned();
    for (key, is_required) in [
        ("template", true),
        ("target_comp_id", true),
        ("sender_comp_id", false),
        ("username", false),
    ] {
        let value = match words.take(key) {
            None if is_required => return Err(format!("`{key}` is missing")),
            value => value,
        };
        if let Some(value) = value {
            text += &format!("{key} = {}\n", quoted(value));
        }
    }
    if let Some(file) = words.take("password_file") {
        text += &format!("password = {}\n", quoted(format!("secret:{file}")));
    }
    if let Some(accounts) = words.take("accounts") {
        let accounts: Vec<String> = accounts.split(',').map(quoted).collect();
        text += &format!("accounts = [{}]\n", accounts.join(", "));
    }
    Ok(text)
}

/// Puts a file in the place of another, whole and durable when this returns.
fn keep(path: &Path, text: &str) -> std::io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push("-new");
    let mut file = private_file(Path::new(&unfinished))?;
    file.set_len(0)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
