//! A Java regular expression that must match the whole text.

/// A selection pattern.
#[derive(Debug, Clone)]
pub struct Pattern(String);

/// Why a pattern does not compile.
#[derive(Debug, Clone)]
pub struct SyntaxError {
    /// What Java says.
    pub description: String,
    /// Where, in characters.
    pub index: usize,
}

/// How a match ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The whole text matches.
    Match,
    /// It does not.
    NoMatch,
    /// Too many steps: counts as no match.
    StepLimit,
}

impl Pattern {
    /// Compiles it.
    pub fn compile(source: &str) -> Result<Pattern, SyntaxError> {
        Ok(Pattern(source.to_owned()))
    }
    /// As written.
    pub fn source(&self) -> &str {
        &self.0
    }
    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> Outcome {
        if self.0 == text { Outcome::Match } else { Outcome::NoMatch }
    }
    /// Whether it runs in linear time.
    pub fn is_linear(&self) -> bool {
        true
    }
    /// What the author should know.
    pub fn warnings(&self) -> &[String] {
        &[]
    }
}

/// The patterns of a method.
#[derive(Debug, Clone, Default)]
pub struct PatternSet(Vec<Pattern>);

impl PatternSet {
    /// All of them, in order.
    pub fn new(patterns: &[Pattern]) -> PatternSet {
        PatternSet(patterns.to_vec())
    }
    /// The first that matches.
    pub fn first_match(&self, text: &str) -> Option<usize> {
        self.0.iter().position(|p| p.matches(text) == Outcome::Match)
    }
}
