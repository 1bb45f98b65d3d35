//! What is wrong with a configuration file, and how that is shown: as a compiler shows it.

use core::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Bytes of the file that are at fault; empty at 0 when something is missing altogether.
    pub span: Range<usize>,
    /// The key, as `section.key`; empty when the text is not TOML.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub remedy: String,
}

/// Everything that is wrong with one file. Its `Display` is the text for a person, without colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    file: String,
    source: String,
    /// Invariant: at least one, in the order of the file.
    problems: Vec<Problem>,
}

impl ConfigError {
    /// The mistakes `problems`, at least one, of the text `source` that stands in `file`.
    #[must_use]
    pub fn new(file: &str, source: &str, mut problems: Vec<Problem>) -> ConfigError {
        problems.sort_by_key(|problem| problem.span.start);
        // A value of [defaults] is read once for each session.
        problems.dedup();
        ConfigError {
            file: shown(file),
            source: source.to_owned(),
            problems,
        }
    }

    /// The file's name, control characters escaped.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The mistakes, in the order of the file.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Line and column of a mistake, both from 1, the column in characters.
    #[must_use]
    pub fn line_and_column(&self, problem: &Problem) -> (usize, usize) {
        let before = self
            .source
            .get(..problem.span.start)
            .unwrap_or(&self.source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }

    /// The text for a person, with terminal colours.
    #[must_use]
    pub fn coloured(&self) -> String {
        self.rendered(&Renderer::styled())
    }

    fn rendered(&self, renderer: &Renderer) -> String {
        let mut text = String::new();
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                text.push_str("\n\n");
            }
            text.push_str(&self.rendered_problem(problem, renderer));
        }
        text
    }

    /// The text with the value at fault as asterisks where it may be a secret: whoever wrote a
    /// password where its name belongs must not find it in a log.
    fn masked(&self, problem: &Problem) -> String {
        let Some(value) = self.source.get(problem.span.clone()) else {
            return self.source.clone();
        };
        if !problem.key.ends_with("password")
            || value.contains("password")
            || value.contains("secret:")
        {
            return self.source.clone();
        }
        let stars = "*".repeat(value.len());
        let (before, behind) = (
            self.source.get(..problem.span.start).unwrap_or_default(),
            self.source.get(problem.span.end..).unwrap_or_default(),
        );
        [before, &stars, behind].concat()
    }

    fn rendered_problem(&self, problem: &Problem, renderer: &Renderer) -> String {
        let title = Level::ERROR.primary_title(shown(&problem.message));
        let remedy = shown(&problem.remedy);
        let source = self.masked(problem);
        let group = if self.source.is_empty() {
            title.element(annotate_snippets::Origin::path(&self.file))
        } else {
            title.element(
                Snippet::source(&source)
                    .path(&self.file)
                    .annotation(AnnotationKind::Primary.span(problem.span.clone())),
            )
        };
        let group = if remedy.is_empty() {
            group
        } else {
            group.element(Level::HELP.message(remedy))
        };
        renderer.render(&[group])
    }
}

impl core::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.rendered(&Renderer::plain()))
    }
}

impl core::error::Error for ConfigError {}

/// The file's text.
pub(super) fn read_file(path: &Path) -> Result<String, ConfigError> {
    let problem = |message: String, remedy: &str| {
        let name = path.display().to_string();
        let problem = Problem {
            span: 0..0,
            key: String::new(),
            message,
            remedy: remedy.to_owned(),
        };
        ConfigError::new(&name, "", vec![problem])
    };
    let content = std::fs::read(path).map_err(|error| {
        problem(
            format!("cannot read the configuration file: {error}"),
            "name a readable TOML file",
        )
    })?;
    String::from_utf8(content).map_err(|error| {
        let position = error.utf8_error().valid_up_to();
        problem(
            format!("byte {position} is not UTF-8"),
            "TOML files are UTF-8 text",
        )
    })
}

/// Text with control characters escaped, so that a file cannot steer the terminal that shows it.
pub(super) fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && character != '\n' {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}
