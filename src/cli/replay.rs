//! `stagegate replay`: recorded cases through another definition. Only what changes is told.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::terminal::{complain, count, print};
use crate::case::{self, Suite, Unreadable};

/// The flags of `replay`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// Case files, or folders of them
    #[arg(required = true, value_name = "CASES", env = "STAGEGATE_CASES", value_delimiter = ',')]
    cases: Vec<PathBuf>,
    /// The configuration, in place of the one that the files name
    #[arg(long, value_name = "CONFIG", env = "STAGEGATE_AGAINST")]
    against: Option<PathBuf>,
}

/// Prints what changes; the exit code is 0 when nothing does, 1 when something does, 78 when something cannot be read.
pub(crate) fn replay(args: &Args) -> u8 {
    match report(args) {
        Ok((text, changed)) => {
            print(text);
            u8::from(changed)
        }
        Err(unreadable) => {
            complain(unreadable);
            78
        }
    }
}

fn report(args: &Args) -> Result<(String, bool), Unreadable> {
    let other = args.against.as_deref().map(case::gateway_of).transpose()?;
    let (mut text, mut played, mut changed) = (String::new(), 0, 0);
    let mut moves: BTreeMap<(u16, u16), usize> = BTreeMap::new();
    for file in case::find(&args.cases)? {
        let suite = match &other {
            Some(gateway) => Suite::read_for(&file, gateway.clone())?,
            None => Suite::read(&file)?,
        };
        for (number, name) in suite.names().enumerate() {
            let ran = suite.play(number)?;
            played += 1;
            if ran.misses.is_empty() {
                continue;
            }
            changed += 1;
            if let Some(expected) = ran.expected.filter(|expected| *expected != ran.status) {
                *moves.entry((expected, ran.status)).or_default() += 1;
            }
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{}: {name}", file.display());
            for miss in &ran.misses {
                let _ = writeln!(text, "{miss}");
            }
        }
    }
    for ((from, to), number) in &moves {
        let verb = if *number == 1 { "goes" } else { "go" };
        let _ = writeln!(text, "{} {verb} {from} → {to}", count(*number, "exchange"));
    }
    let _ = writeln!(text, "{} played, {changed} changed", count(played, "exchange"));
    Ok((text, changed > 0))
}
