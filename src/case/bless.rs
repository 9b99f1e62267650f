//! What the gateway answers, written into a file of cases where its expectations say otherwise.

use std::path::Path;

use super::compare::Miss;
use crate::config::{Edit, edited};

/// Rewrites a file: of each case, by its place, the expectations that were missed. What stays missed comes back, with the reason.
pub(crate) fn bless(file: &Path, missed: &[(usize, &[Miss])]) -> Result<Vec<(usize, String)>, String> {
    let (mut edits, mut left) = (Vec::new(), Vec::new());
    for (case, misses) in missed {
        for miss in *misses {
            match &miss.stated {
                Some((path, value)) => {
                    let within = path.iter().cloned();
                    let path = ["cases".to_owned(), case.to_string()].into_iter().chain(within).collect();
                    edits.push(Edit { path, value: value.clone() });
                }
                None => left.push((*case, format!("{}: what to expect is not certain", miss.what))),
            }
        }
    }
    if edits.is_empty() {
        return Ok(left);
    }
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let text = edited(file, &text, &edits)?;
    std::fs::write(file, text).map_err(|error| error.to_string())?;
    Ok(left)
}
