//! Two texts, line by line: what is missing and what is too much.

use std::fmt::Write;

/// The lines of both, marked with `-` (expected, not there), `+` (there, not expected) or a space (both).
pub(crate) fn diff(expected: &str, actual: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let common = Common::of(&old, &new);
    let mut out = String::new();
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        let (mark, line) = match (old.get(i), new.get(j)) {
            (Some(line), Some(other)) if line == other => {
                j += 1;
                (' ', line)
            }
            (Some(line), Some(_)) if common.at(i + 1, j) >= common.at(i, j + 1) => ('-', line),
            (Some(line), None) => ('-', line),
            (_, Some(line)) => {
                j += 1;
                ('+', line)
            }
            (None, None) => break,
        };
        i += usize::from(mark != '+');
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{mark} {line}");
    }
    out
}

/// The length of the longest common subsequence of what is left from each pair of lines on.
struct Common {
    width: usize,
    lengths: Vec<u32>,
}

/// Texts with more pairs of lines than this are not aligned: all of one, then all of the other.
const PAIRS: usize = 4_000_000;

impl Common {
    fn of(old: &[&str], new: &[&str]) -> Common {
        let width = new.len() + 1;
        let pairs = width.saturating_mul(old.len() + 1);
        if pairs > PAIRS {
            return Common { width, lengths: Vec::new() };
        }
        let mut lengths = vec![0; pairs];
        for i in (0..old.len()).rev() {
            for j in (0..new.len()).rev() {
                lengths[i * width + j] = match old[i] == new[j] {
                    true => lengths[(i + 1) * width + j + 1] + 1,
                    false => lengths[(i + 1) * width + j].max(lengths[i * width + j + 1]),
                };
            }
        }
        Common { width, lengths }
    }

    fn at(&self, i: usize, j: usize) -> u32 {
        self.lengths.get(i * self.width + j).copied().unwrap_or_default()
    }
}
