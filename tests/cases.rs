//! The whole gateway, as a table: files of a request, a canned backend answer, and what is expected of them, one folder
//! for each subject. They are run as `stagegate test` runs them.

use stagegate::{Suite, find};

use crate::support;

#[test]
fn every_case_is_as_expected() {
    let files = find(&[support::data("cases")]).expect("readable folders");
    let (mut ran, mut missed) = (0, Vec::new());
    for file in files {
        let suite = match Suite::read(&file) {
            Ok(suite) => suite,
            Err(unreadable) => {
                missed.push(unreadable.to_string());
                continue;
            }
        };
        for (n, name) in suite.names().enumerate() {
            ran += 1;
            match suite.run(n) {
                Ok(misses) if misses.is_empty() => {}
                Ok(misses) => {
                    let misses: Vec<String> = misses.iter().map(ToString::to_string).collect();
                    missed.push(format!("{}: {name}\n{}", file.display(), misses.join("\n")));
                }
                Err(unreadable) => missed.push(unreadable.to_string()),
            }
        }
    }
    assert!(ran > 400, "{ran} cases only");
    assert!(missed.is_empty(), "{} of {ran} cases missed:\n\n{}", missed.len(), missed.join("\n\n"));
}
