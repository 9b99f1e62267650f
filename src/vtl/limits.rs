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

/// API Gateway takes templates of up to 300 KB.
pub const TEMPLATE_SIZE: usize = 300 * 1024;
/// API Gateway's rounds of one `#foreach`.
pub const LOOP_ROUNDS: usize = 1000;
/// Nodes visited in one render.
pub const STEPS: usize = 10_000_000;
/// How deep things may nest: what fits a thread's 2 MiB stack even in a debug build.
pub const DEPTH: usize = 250;
/// API Gateway's payloads end at 10 MB.
pub const OUTPUT_SIZE: usize = 10 * 1024 * 1024;
/// All that one render builds on its way.
pub const BUILT_SIZE: usize = 128 * 1024 * 1024;

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            template_size: TEMPLATE_SIZE,
            loop_rounds: LOOP_ROUNDS,
            steps: STEPS,
            depth: DEPTH,
            output_size: OUTPUT_SIZE,
            built_size: BUILT_SIZE,
        }
    }
}
