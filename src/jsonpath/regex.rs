//! The regular expression of a filter, `=~ /…/i`: Java's, and it has to match the whole text.

/// A compiled regular expression.
#[derive(Debug, Clone)]
pub struct Matcher(fancy_regex::Regex);

impl Matcher {
    /// Compiles a pattern with flags such as `i`.
    pub fn compile(pattern: &str, flags: &str) -> Result<Matcher, String> {
        let flags = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
        let whole = format!(r"\A(?:{flags}{pattern})\z");
        fancy_regex::Regex::new(&whole).map(Matcher).map_err(|e| e.to_string())
    }

    /// Whether it matches the whole text.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text).unwrap_or(false)
    }
}
