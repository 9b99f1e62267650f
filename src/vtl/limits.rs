//! What a template may use up, so that a hostile one ends in an error and not in a hang.

/// The limits of one parse and one render. Each has a default of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest template, in bytes.
    pub template_size: usize,
    /// `#foreach` stops quietly after so many rounds, as Velocity's `directive.foreach.maxloops` has it.
    pub loop_rounds: usize,
    /// Nodes visited in one render, and as much work in paths and regular expressions.
    pub steps: usize,
    /// How deep constructs, values and calls may nest.
    pub depth: usize,
    /// The longest output, in bytes.
    pub output_size: usize,
    /// All that one render builds on its way, in bytes: strings, lists and maps.
    pub built_size: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            // API Gateway takes templates of up to 300 KB, and its `#foreach` ends after 1000 rounds.
            template_size: 300 * 1024,
            loop_rounds: 1000,
            steps: 10_000_000,
            // What fits a thread's 2 MiB stack even in a debug build.
            depth: 250,
            // API Gateway's payloads end at 10 MB.
            output_size: 10 * 1024 * 1024,
            built_size: 128 * 1024 * 1024,
        }
    }
}
