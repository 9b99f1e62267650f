//! Searching and splitting, as `java.util.regex.Matcher` and `String` do.

use std::sync::OnceLock;

use regex::{Regex as Linear, RegexBuilder};

use super::ast::Ast;
use super::error::SyntaxError;
use super::linear::{SIZE, translate};
use super::machine::{Ended, Machine};
use super::parser::parse;
use super::program::{Program, compile};

/// A compiled regular expression for searching.
///
/// It runs on the backtracking machine, which is ready at once and knows what Java's groups hold. A search that takes too
/// many steps finds nothing.
#[derive(Debug)]
pub struct Regex {
    ast: Ast,
    program: Program,
    linear: OnceLock<Option<Linear>>,
}

/// Where a match and its groups are, in bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captures {
    groups: Vec<Option<(usize, usize)>>,
}

impl Captures {
    /// Where the whole match starts.
    pub fn start(&self) -> usize {
        self.group(0).map_or(0, |group| group.0)
    }

    /// Where the whole match ends.
    pub fn end(&self) -> usize {
        self.group(0).map_or(0, |group| group.1)
    }

    /// Where a group is; group 0 is the whole match. `None` when it took no part in the match or does not exist.
    pub fn group(&self, number: usize) -> Option<(usize, usize)> {
        self.groups.get(number).copied().flatten()
    }
}

impl Regex {
    /// Compiles a regular expression.
    pub fn compile(source: &str) -> Result<Regex, SyntaxError> {
        let ast = parse(source)?;
        let program = compile(&ast);
        Ok(Regex { ast, program, linear: OnceLock::new() })
    }

    /// The number of a named group.
    pub fn group_number(&self, name: &str) -> Option<usize> {
        self.ast.names.iter().find(|(known, _)| known == name).map(|&(_, number)| number)
    }

    /// How many groups it has, the whole match not counted.
    pub fn group_count(&self) -> usize {
        self.ast.groups
    }

    /// Whether it matches the whole text, as `String.matches` asks.
    pub fn is_match_whole(&self, text: &str) -> bool {
        match Machine::new(&self.program, text, true, 0).run(0) {
            Ended::Match(_) => true,
            Ended::NoMatch => false,
            Ended::StepLimit => self.is_match_linear(text),
        }
    }

    /// Only for texts that were too much for the machine.
    fn is_match_linear(&self, text: &str) -> bool {
        let Ok(translation) = translate(&self.ast) else { return false };
        if !translation.needs.met_by(text) {
            return false;
        }
        let build = || RegexBuilder::new(&translation.regex).size_limit(SIZE).build().ok();
        self.linear.get_or_init(build).as_ref().is_some_and(|linear| linear.is_match(text))
    }

    /// All matches, one after the other.
    pub fn find_all<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Captures> + 'a {
        let (mut next, mut last_match) = (Some(0), 0);
        std::iter::from_fn(move || {
            let found = self.find_from(text, next?, last_match)?;
            last_match = found.end();
            // After an empty match the search goes on one character further, not elsewhere.
            next = if found.start() == found.end() { after(text, found.end()) } else { Some(found.end()) };
            Some(found)
        })
    }

    fn find_from(&self, text: &str, start: usize, last_match: usize) -> Option<Captures> {
        let mut machine = Machine::new(&self.program, text, false, last_match);
        let mut from = Some(start).filter(|&start| text.is_char_boundary(start));
        while let Some(start) = from {
            match machine.run(start) {
                Ended::Match(end) => {
                    let mut groups = vec![Some((start, end))];
                    groups.extend((1..=self.ast.groups).map(|group| machine.group(group)));
                    return Some(Captures { groups });
                }
                Ended::NoMatch => machine.rewind(),
                Ended::StepLimit => return None,
            }
            from = after(text, start);
        }
        None
    }

    /// `String.split`: with limit 0 empty parts at the end are dropped, with a positive one there are at most so many
    /// parts, with a negative one all are kept.
    pub fn split(&self, text: &str, limit: i32) -> Vec<String> {
        let most = usize::try_from(limit).ok().filter(|&most| most > 0).unwrap_or(usize::MAX);
        let (mut parts, mut from) = (Vec::new(), 0);
        for found in self.find_all(text) {
            if parts.len() + 1 >= most {
                break;
            }
            // A match of nothing at the very start gives no empty part.
            if found.end() == 0 {
                continue;
            }
            parts.push(text[from..found.start()].to_owned());
            from = found.end();
        }
        if from == 0 {
            return vec![text.to_owned()];
        }
        parts.push(text[from..].to_owned());
        while limit == 0 && parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
        parts
    }
}

/// The position one character on.
fn after(text: &str, pos: usize) -> Option<usize> {
    text.get(pos..)?.chars().next().map(|c| pos + c.len_utf8())
}
