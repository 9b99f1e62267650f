//! `--bless`: what is answered becomes what is expected.

use super::ran::Ran;
use crate::case;

/// Writes into each file what its cases missed; those are missed no longer. What could not be written, and why.
pub(super) fn bless(ran: &mut [Ran]) -> Vec<String> {
    let mut left = Vec::new();
    for cases in ran.chunk_by_mut(|a, b| a.file == b.file) {
        let missed: Vec<(usize, &[case::Miss])> =
            cases.iter().filter(|case| !case.misses.is_empty()).map(|case| (case.number, &case.misses[..])).collect();
        if missed.is_empty() {
            continue;
        }
        let file = cases[0].file.clone();
        match case::bless(&file, &missed) {
            Ok(kept) => {
                for case in cases.iter_mut().filter(|case| !case.misses.is_empty()) {
                    case.misses.retain(|miss| miss.stated.is_none());
                    case.is_blessed = case.misses.is_empty();
                    let of_case = kept.iter().filter(|(number, _)| *number == case.number);
                    left.extend(of_case.map(|(_, why)| {
                        format!("not blessed: {}:{}: {}: {why}", file.display(), case.line, case.name)
                    }));
                }
            }
            Err(why) => left.push(format!("not blessed: {}: {why}: the file stays as it is", file.display())),
        }
    }
    left
}
