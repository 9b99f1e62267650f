//! A pattern that must match the whole text, without flags: what selects an integration response.

use std::sync::Arc;

use regex::{Regex as Linear, RegexBuilder};

use super::error::SyntaxError;
use super::linear::{Needs, SIZE, Translation, Untranslatable, translate};
use super::machine::{Ended, Machine, STEP_LIMIT};
use super::parser::parse;
use super::program::{Program, compile};
use super::required::required;

/// A compiled pattern. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pattern(Arc<Compiled>);

/// What matching a text came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The whole text matches.
    Match,
    /// It does not.
    NoMatch,
    /// It took more steps than are allowed, and counts as no match.
    StepLimit,
}

#[derive(Debug)]
struct Compiled {
    source: String,
    translation: Option<Translation>,
    linear: Option<Linear>,
    program: Program,
    warnings: Vec<String>,
}

impl Pattern {
    /// Compiles a pattern.
    pub fn compile(source: &str) -> Result<Pattern, SyntaxError> {
        let ast = parse(source)?;
        // Made even where there is a translation: texts that the translation is not good for go to the machine.
        let program = compile(&ast);
        let translated = translate(&ast).and_then(|translation| {
            let built = RegexBuilder::new(&translation.regex).size_limit(SIZE).build();
            built.map(|linear| (translation, linear)).map_err(|_| Untranslatable::TooLarge)
        });
        let warnings = translated.as_ref().err().map(|why| warning(source, *why)).into_iter().collect();
        let (translation, linear) = translated.ok().unzip();
        Ok(Pattern(Arc::new(Compiled { source: source.to_owned(), translation, linear, program, warnings })))
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Whether the pattern matches the whole text.
    pub fn matches(&self, text: &str) -> Outcome {
        match &self.0.linear {
            Some(linear) if self.needs().met_by(text) => linear.is_match(text).into(),
            _ => self.matches_backtracking(text),
        }
    }

    /// Whether it is matched in linear time; a pattern that is not runs on the backtracking engine.
    pub fn is_linear(&self) -> bool {
        self.0.linear.is_some()
    }

    /// What the operator should know about the pattern before it is used.
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// The pattern in the `regex` crate's words, if it has any.
    pub(super) fn linear_source(&self) -> Option<&str> {
        self.0.translation.as_ref().map(|translation| translation.regex.as_str())
    }

    /// What stands in every text that it matches.
    pub(super) fn required(&self) -> Option<String> {
        required(&parse(&self.0.source).ok()?.node)
    }

    /// What a text must be like for those words to be good.
    pub(super) fn needs(&self) -> Needs {
        self.0.translation.as_ref().map(|translation| translation.needs).unwrap_or_default()
    }

    pub(super) fn program(&self) -> &Program {
        &self.0.program
    }

    pub(super) fn matches_backtracking(&self, text: &str) -> Outcome {
        match Machine::new(&self.0.program, text, true, 0).run(0) {
            Ended::Match(_) => Outcome::Match,
            Ended::NoMatch => Outcome::NoMatch,
            Ended::StepLimit => Outcome::StepLimit,
        }
    }
}

fn warning(source: &str, why: Untranslatable) -> String {
    let what = match why {
        Untranslatable::Backtracks => "uses look-around, back references, possessive or atomic parts",
        Untranslatable::TooLarge => "is too large to be matched in linear time",
    };
    format!(
        "`{source}` {what}: a text that takes the backtracking engine more than {STEP_LIMIT} steps counts as not matching"
    )
}

impl From<bool> for Outcome {
    fn from(matched: bool) -> Outcome {
        if matched { Outcome::Match } else { Outcome::NoMatch }
    }
}
