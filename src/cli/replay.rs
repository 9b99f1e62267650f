//! `stagegate replay`: recorded cases through another definition. Only what changes is told.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::terminal::{complain, count, print};
use crate::case::{self, Gateways, Suite, Unreadable};

/// The flags of `replay`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// Case files, or folders of them
    #[arg(required_unless_present = "aws", value_name = "CASES", env = "STAGEGATE_CASES", value_delimiter = ',')]
    cases: Vec<PathBuf>,
    /// The configuration, in place of the one that the files name
    #[arg(long, value_name = "CONFIG", env = "STAGEGATE_AGAINST")]
    against: Option<PathBuf>,
    /// An execution log of API Gateway, as CloudWatch or the console shows or saves it (text, JSON, CSV): each request with its recorded answer of the
    /// backend, compared with what the client got. Whoever called may call: authorizers are not asked
    #[arg(long, value_name = "LOG", env = "STAGEGATE_AWS")]
    aws: Vec<PathBuf>,
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

/// What came of all cases so far.
#[derive(Default)]
struct Report {
    text: String,
    played: usize,
    changed: usize,
    /// How often a status became another one.
    moves: BTreeMap<(u16, u16), usize>,
}

fn report(args: &Args) -> Result<(String, bool), Unreadable> {
    let mut report = Report::default();
    let other = match args.against.as_deref() {
        Some(config) if !args.cases.is_empty() => Some(case::gateway_of(Some(config), false)?),
        _ => None,
    };
    let mut gateways = Gateways::default();
    for file in case::find(&args.cases)? {
        report.play(&match &other {
            Some(gateway) => Suite::read_for(&file, gateway.clone())?,
            None => Suite::read_among(&file, &mut gateways)?,
        })?;
    }
    if !args.aws.is_empty() {
        let gateway = case::gateway_of(args.against.as_deref(), true)?;
        for log in &args.aws {
            let (suite, others) = Suite::of_log(log, gateway.clone())?;
            others.iter().for_each(|other| complain(format_args!("not played: {other}")));
            report.play(&suite)?;
        }
    }
    Ok(report.end())
}

impl Report {
    fn play(&mut self, suite: &Suite) -> Result<(), Unreadable> {
        for (number, name) in suite.names().enumerate() {
            let ran = suite.play(number)?;
            self.played += 1;
            if ran.misses.is_empty() {
                continue;
            }
            self.changed += 1;
            if let Some(expected) = ran.expected.filter(|expected| *expected != ran.status) {
                *self.moves.entry((expected, ran.status)).or_default() += 1;
            }
            // Writing to a text cannot fail.
            let _ = writeln!(self.text, "{}: {name}", suite.file.display());
            for miss in &ran.misses {
                let _ = writeln!(self.text, "{miss}");
            }
        }
        Ok(())
    }

    /// The text, and whether something changed; that there was nothing to play is no good news.
    fn end(mut self) -> (String, bool) {
        if self.played == 0 {
            return ("no exchange found\n".to_owned(), true);
        }
        for ((from, to), number) in &self.moves {
            let verb = if *number == 1 { "goes" } else { "go" };
            let _ = writeln!(self.text, "{} {verb} {from} → {to}", count(*number, "exchange"));
        }
        let _ = writeln!(self.text, "{} played, {} changed", count(self.played, "exchange"), self.changed);
        (self.text, self.changed > 0)
    }
}
