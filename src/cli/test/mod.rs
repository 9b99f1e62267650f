//! `stagegate test`: runs case files offline.

mod bless;
mod coverage;
mod github;
mod junit;
mod ran;
mod text;
mod watch;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::builder::BoolishValueParser;
use clap::{Args as Arguments, ValueEnum};

use super::annotation::data;
use super::terminal::{self, BAD, complain, count, print_styled};
use crate::case::{self, Gateways, Suite, Unreadable};
use coverage::Total;
use ran::Ran;

/// The flags of `test`.
#[derive(Debug, Clone, Arguments)]
pub struct Args {
    /// Case files, or folders of them
    #[arg(required = true, value_name = "CASES", env = "STAGEGATE_CASES", value_delimiter = ',')]
    pub cases: Vec<PathBuf>,
    /// How the outcome is printed
    #[arg(long, value_enum, default_value_t, env = "STAGEGATE_TEST_FORMAT")]
    pub format: Format,
    /// Only the cases that have this in their name, in any letter case
    #[arg(long, value_name = "NAME", env = "STAGEGATE_TEST_FILTER")]
    pub filter: Option<String>,
    /// Print file, line and name of each case, and run none
    #[arg(long, env = "STAGEGATE_TEST_LIST", value_parser = BoolishValueParser::new())]
    pub list: bool,
    /// Write what is answered into the files of cases, where their expectations say otherwise
    #[arg(long, env = "STAGEGATE_TEST_BLESS", value_parser = BoolishValueParser::new())]
    pub bless: bool,
    /// Run the cases again whenever a file changes: of cases, of a configuration, of a definition
    #[arg(long, env = "STAGEGATE_TEST_WATCH", value_parser = BoolishValueParser::new())]
    pub watch: bool,
    /// Stop at the first case that is not as expected
    #[arg(long, env = "STAGEGATE_TEST_FAIL_FAST", value_parser = BoolishValueParser::new())]
    pub fail_fast: bool,
    /// Print so many cases that took longest, with their times
    #[arg(long, value_name = "NUMBER", default_value_t = 0, env = "STAGEGATE_TEST_SLOWEST", hide_default_value = true)]
    pub slowest: usize,
    /// Tell which methods, integration responses, gateway responses and template branches no case reaches: printed, or written to
    /// a file, which is JSON when it ends in `.json`, an `lcov` tracefile when in `.info`, else text
    #[arg(
        long,
        value_name = "FILE",
        env = "STAGEGATE_TEST_COVERAGE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "-"
    )]
    pub coverage: Option<PathBuf>,
    /// Fail when less than this percentage of all of that is reached
    #[arg(long, value_name = "PERCENT", env = "STAGEGATE_TEST_MIN", value_parser = percent)]
    pub min: Option<f64>,
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').parse().ok();
    number.filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| "expected a number from 0 to 100".to_owned())
}

/// How the outcome is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// JUnit XML, for CI systems.
    Junit,
    /// Workflow commands of GitHub Actions: annotations of a change.
    Github,
}

/// Runs every case and prints the report; the exit code is 0 when all are as expected, 1 when one is not, 78 when one
/// cannot be read.
pub fn test(args: &Args) -> u8 {
    if args.watch {
        return watch::watch(&args.cases, || {
            let told = tell(args);
            print(args, &told);
            told.files
        });
    }
    let told = tell(args);
    print(args, &told);
    told.code
}

fn print(args: &Args, told: &Told) {
    match (told.code, args.format) {
        (78, _) => eprint!("{}", told.text),
        (_, Format::Text) => print_styled(&told.text),
        (_, Format::Junit | Format::Github) => terminal::print(&told.text),
    }
    told.aside.iter().for_each(complain);
}

/// The report without colours, and the exit code.
pub fn report(args: &Args) -> (String, u8) {
    let (text, code) = styled(args);
    (anstream::adapter::strip_str(&text).to_string(), code)
}

/// The report, and the exit code.
pub fn styled(args: &Args) -> (String, u8) {
    let told = tell(args);
    (told.text, told.code)
}

/// What a run has to say.
struct Told {
    /// The report.
    text: String,
    /// What does not belong into it.
    aside: Vec<String>,
    code: u8,
    /// The files that it comes from.
    files: Vec<PathBuf>,
}

impl Told {
    fn new(text: String, code: u8) -> Told {
        Told { text, aside: Vec::new(), code, files: Vec::new() }
    }
}

fn tell(args: &Args) -> Told {
    if args.list {
        return list(args);
    }
    let is_counted = args.coverage.is_some() || args.min.is_some();
    let mut gateways = if is_counted { Gateways::counted() } else { Gateways::default() };
    gateways.takes_bare_cases = args.bless;
    let mut told = match run(args, &mut gateways) {
        Ok(mut ran) => {
            let left = if args.bless { bless::bless(&mut ran) } else { Vec::new() };
            let text = match args.format {
                Format::Text => text::text(&ran, args.slowest, &summary(&ran, args)),
                Format::Junit => junit::junit(&ran),
                Format::Github => github::github(&ran, &summary(&ran, args)),
            };
            let code = u8::from(ran.is_empty() || ran.iter().any(|ran| !ran.misses.is_empty()));
            Told { aside: left, ..Told::new(text, code) }
        }
        Err(unreadable) => return Told { files: files(args, &gateways), ..Told::new(format!("{unreadable}\n"), 78) },
    };
    told.cover(args, &gateways);
    told.files = files(args, &gateways);
    told
}

/// Every file that has a say: of cases, of configurations, of definitions.
fn files(args: &Args, gateways: &Gateways) -> Vec<PathBuf> {
    let mut files = case::find(&args.cases).unwrap_or_default();
    files.extend(gateways.files().iter().cloned());
    files.sort();
    files.dedup();
    files
}

impl Told {
    /// Tells the coverage, and whether it is enough.
    fn cover(&mut self, args: &Args, gateways: &Gateways) {
        let Some(coverage) = gateways.coverage() else { return };
        match args.coverage.as_deref() {
            Some(file) if file != Path::new("-") => {
                if let Err(error) = std::fs::write(file, coverage::file(coverage, file)) {
                    self.aside.push(format!("{}: {error}", file.display()));
                    self.code = self.code.max(1);
                }
            }
            Some(_) if args.format == Format::Text => {
                self.text.insert_str(0, &format!("{}\n", coverage::text(coverage)))
            }
            // What a machine reads has no place for it.
            Some(_) => self.aside.push(anstream::adapter::strip_str(&coverage::text(coverage)).to_string()),
            None => {}
        }
        let total = Total::of(coverage, None).percent();
        if let Some(min) = args.min.filter(|min| total < *min) {
            let line = format!("coverage of {total:.1} % is below the {min} % that `--min` asks for");
            match args.format {
                Format::Text => self.text.push_str(&format!("{BAD}{line}{BAD:#}\n")),
                Format::Github => self.text.push_str(&format!("::error title=coverage::{}\n", data(&line))),
                Format::Junit => self.aside.push(line),
            }
            self.code = self.code.max(1);
        }
    }
}

/// Every case by file, line and name.
fn list(args: &Args) -> Told {
    let mut text = String::new();
    match listed(args, &mut text) {
        Ok(()) if text.is_empty() => Told::new(args.nothing() + "\n", 1),
        Ok(()) => Told::new(text, 0),
        Err(unreadable) => Told::new(format!("{unreadable}\n"), 78),
    }
}

fn listed(args: &Args, out: &mut String) -> Result<(), Unreadable> {
    for file in case::find(&args.cases)? {
        for (line, name) in case::names(&file)?.into_iter().filter(|(_, name)| args.takes(name)) {
            let _ = writeln!(out, "{}:{line}: {name}", file.display());
        }
    }
    Ok(())
}

impl Args {
    /// Whether a case of that name is meant.
    fn takes(&self, name: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| name.to_lowercase().contains(&filter.to_lowercase()))
    }

    /// What there is to say when there is no case.
    fn nothing(&self) -> String {
        match &self.filter {
            Some(filter) => format!("no case has `{filter}` in its name"),
            None => "no case found".to_owned(),
        }
    }
}

fn run(args: &Args, gateways: &mut Gateways) -> Result<Vec<Ran>, Unreadable> {
    let mut all = Vec::new();
    for file in case::find(&args.cases)? {
        let suite = Suite::read_among(&file, gateways)?;
        for (n, name) in suite.names().enumerate().filter(|(_, name)| args.takes(name)) {
            let started = Instant::now();
            let misses = suite.run(n)?;
            let (took, has_failed) = (started.elapsed(), !misses.is_empty());
            all.push(Ran {
                file: file.clone(),
                line: suite.line(n),
                name: name.to_owned(),
                number: n,
                misses,
                is_blessed: false,
                took,
            });
            if has_failed && args.fail_fast {
                return Ok(all);
            }
        }
    }
    Ok(all)
}

/// `3 cases: 2 passed, 1 failed`
fn summary(ran: &[Ran], args: &Args) -> String {
    let failed = ran.iter().filter(|case| !case.misses.is_empty()).count();
    match ran.len() {
        0 => args.nothing(),
        cases => {
            let blessed = ran.iter().filter(|case| case.is_blessed).count();
            let passed = cases - failed - blessed;
            let blessed = if args.bless { format!(", {blessed} blessed") } else { String::new() };
            format!("{}: {passed} passed{blessed}, {failed} failed", count(cases, "case"))
        }
    }
}
