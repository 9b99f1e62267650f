//! The references of a template, read from its text: `$input.params('id')`, `${context.stage}`.
//!
//! A text and not the tree that is rendered: a finding needs the line, and names that stand in no branch that is taken.

/// The longest argument list that is read: what is longer names nothing that a finding tells.
const ARGUMENTS: usize = 500;

/// One reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    /// The line, from 1.
    pub line: usize,
    /// Where its `$` stands.
    pub start: usize,
    /// What stands behind its `$`: `input`.
    pub root: &'a str,
    /// What follows.
    pub steps: Vec<Step<'a>>,
    /// Whether it is in braces.
    pub formal: bool,
    /// All of it, as written.
    pub text: &'a str,
}

/// A step from an object to what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// `.name`
    Property(&'a str),
    /// `.name(arguments)`
    Call(&'a str, &'a str),
}

impl Reference<'_> {
    /// The properties, up to the first call.
    pub(super) fn path(&self) -> Vec<&str> {
        let names = self.steps.iter().map_while(|step| match step {
            Step::Property(name) => Some(*name),
            Step::Call(..) => None,
        });
        names.collect()
    }
}

/// A template without its comments; each line stays where it is.
pub(super) fn code(template: &str) -> String {
    let mut code = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('#') {
        code.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = match rest.as_bytes().get(1) {
            Some(b'#') => rest.find('\n').unwrap_or(rest.len()),
            Some(b'*') => rest.find("*#").map_or(rest.len(), |end| end + 2),
            _ => {
                code.push('#');
                rest = &rest[1..];
                continue;
            }
        };
        code.extend(rest[..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    code.push_str(rest);
    code
}

/// Every reference of [`code`], those in arguments too.
pub(super) fn references(code: &str) -> Vec<Reference<'_>> {
    let (mut found, mut line, mut counted) = (Vec::new(), 1, 0);
    for (start, _) in code.match_indices('$') {
        line += memchr::memchr_iter(b'\n', &code.as_bytes()[counted..start]).count();
        counted = start;
        let escaped = code[..start].bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
        if !escaped && let Some(reference) = reference(code, start, line) {
            found.push(reference);
        }
    }
    found
}

fn reference(code: &str, start: usize, line: usize) -> Option<Reference<'_>> {
    let quiet = code[start + 1..].strip_prefix('!').unwrap_or(&code[start + 1..]);
    let (inside, formal) = match quiet.strip_prefix('{') {
        Some(inside) => (inside, true),
        None => (quiet, false),
    };
    let root = name(inside)?;
    let mut rest = &inside[root.len()..];
    let mut steps = Vec::new();
    while let Some(step) = rest.strip_prefix('.').and_then(name) {
        rest = &rest[1 + step.len()..];
        match arguments(rest) {
            Some(arguments) => {
                steps.push(Step::Call(step, arguments));
                rest = &rest[arguments.len() + 2..];
            }
            None => steps.push(Step::Property(step)),
        }
    }
    if formal {
        rest = rest.strip_prefix('}')?;
    }
    let text = &code[start..code.len() - rest.len()];
    Some(Reference { line, start, root, steps, formal, text })
}

/// A name at the beginning of a text.
fn name(text: &str) -> Option<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| &text[..end])
}

/// What stands between the parentheses with which a text begins.
pub(super) fn arguments(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('(')?;
    let (mut depth, mut quote) = (0, None);
    for (at, byte) in inside.bytes().enumerate().take(ARGUMENTS) {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') if depth == 0 => return inside.get(..at),
            (None, b')') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A text in quotes, without them.
pub(super) fn literal(argument: &str) -> Option<&str> {
    let argument = argument.trim();
    let quote = argument.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let text = argument.strip_prefix(quote)?.strip_suffix(quote).filter(|text| !text.contains(quote))?;
    // In double quotes a reference is what it stands for; `$.x` is none.
    let has_reference = quote == '"' && !references(text).is_empty();
    (!has_reference).then_some(text)
}

/// The names that a template sets by itself.
pub(super) fn set_names<'a>(code: &str, references: &'a [Reference<'_>]) -> Vec<&'a str> {
    let sets = |reference: &&Reference<'_>| {
        let before = &code[code.floor_char_boundary(reference.start.saturating_sub(200))..reference.start];
        let line = before.rsplit('\n').next().unwrap_or_default();
        let directive = line.rsplit('#').next().filter(|_| line.contains('#')).unwrap_or_default();
        let word = directive.trim_start_matches('{');
        let is_first = ["set", "foreach", "define"]
            .iter()
            .any(|name| word.strip_prefix(name).is_some_and(|rest| rest.trim_start_matches('}').trim() == "("));
        is_first || (word.starts_with("macro") && !word.contains(')'))
    };
    references.iter().filter(sets).map(|reference| reference.root).collect()
}

#[cfg(test)]
mod tests {
    use super::{Step, arguments, code, literal, references, set_names};

    #[test]
    fn reads_references_with_their_lines() {
        let template =
            "## $a\n#* $b\n*#$input.params('x(').trim().y \\$c ${context.stage}-${bad $!{d}.e $1 $util.f($g)";
        let code = code(template);
        let found = references(&code);
        let told: Vec<(usize, &str)> = found.iter().map(|r| (r.line, r.text)).collect();
        let expected =
            [(3, "$input.params('x(').trim().y"), (3, "${context.stage}"), (3, "$!{d}"), (3, "$util.f($g)"), (3, "$g")];
        assert_eq!(told, expected);
        assert_eq!(found[0].steps, [Step::Call("params", "'x('"), Step::Call("trim", ""), Step::Property("y")]);
        assert_eq!(found[1].path(), ["stage"]);
    }

    #[test]
    fn knows_what_a_template_sets() {
        let template = "#set($a = $b)#foreach( $c in $d)#end#{set}($e=1)\n#macro(f $g $h)$i#end #if($j)";
        let found = references(template);
        assert_eq!(set_names(template, &found), ["a", "c", "e", "g", "h"]);
    }

    #[test]
    fn reads_arguments_and_literals() {
        let table =
            [("('a)')", Some("'a)'")), ("(f(1), 2) x", Some("f(1), 2")), ("(", None), ("x", None), ("()", Some(""))];
        for (text, expected) in table {
            assert_eq!(arguments(text), expected, "{text}");
        }
        let table = [
            ("'a'", Some("a")),
            (" \"b\" ", Some("b")),
            ("'$.c'", Some("$.c")),
            ("\"$.c\"", Some("$.c")),
            ("\"$c\"", None),
            ("d", None),
            ("'a' + 'b'", None),
        ];
        for (text, expected) in table {
            assert_eq!(literal(text), expected, "{text}");
        }
    }
}
