//! What a text must have in it to match a pattern at all.

use super::ast::Node;

/// Shorter ones stand in too many texts to tell them apart.
const SHORTEST: usize = 3;

/// A text that stands in every text that the pattern matches: the longest that it writes out, if that is long enough.
pub(super) fn required(node: &Node) -> Option<String> {
    let mut runs = Runs::default();
    runs.add(node);
    runs.end();
    (runs.longest.len() >= SHORTEST).then_some(runs.longest)
}

/// What is written out without a choice, piece by piece.
#[derive(Default)]
struct Runs {
    run: String,
    longest: String,
}

impl Runs {
    fn add(&mut self, node: &Node) {
        match node {
            Node::Char(code) => match char::from_u32(*code) {
                Some(c) => self.run.push(c),
                // Half of a pair stands in no text.
                None => self.end(),
            },
            Node::Concat(nodes) => nodes.iter().for_each(|node| self.add(node)),
            Node::Group(_, node) => self.add(node),
            Node::Empty => {}
            _ => self.end(),
        }
    }

    fn end(&mut self) {
        let run = std::mem::take(&mut self.run);
        if run.len() > self.longest.len() {
            self.longest = run;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::parser::parse;

    #[test]
    fn what_a_pattern_requires() {
        let rows = [
            (".*item 7 was not found.*", Some("item 7 was not found")),
            ("(?:Not)(Found): .*|x", None),
            ("(?:Not)(Found): .*", Some("NotFound: ")),
            ("a{3}bcd?efg", Some("efg")),
            ("(?i)not found", None),
            ("no[tT] found", Some(" found")),
            ("^Error: \\d+$", Some("Error: ")),
            (r"\QA.B\E", Some("A.B")),
            ("(?=abc).*", None),
            ("(abc)*", None),
            ("4\\d{2}", None),
            ("", None),
        ];
        for (pattern, expected) in rows {
            let ast = parse(pattern).unwrap_or_else(|e| unreachable!("{pattern}: {e:?}"));
            assert_eq!(required(&ast.node).as_deref(), expected, "{pattern}");
        }
    }
}
