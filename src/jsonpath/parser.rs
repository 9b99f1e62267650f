//! Text to path, by Jayway's grammar with all its oddities.

use std::sync::Arc;

use super::cursor::{Cursor, Refusal, Result, refuse};
use super::filter_parser;
use super::query::{Function, Parameter, Query, Slice, Token};
use super::unescape::unescape;
use crate::value::number;

/// How deep filters, functions and parentheses may nest in a path.
pub const MAX_NESTING: usize = 50;

/// Reads a path, alone or in a filter. What does not start with `$` or `@` starts with `$.` in thought.
pub(super) fn parse(text: &str, nesting: usize) -> Result<Query> {
    let mut cursor = Cursor::new(text);
    cursor.trim();
    if !matches!(cursor.at(0)?, '$' | '@') {
        cursor = Cursor::new(&format!("$.{text}"));
        cursor.trim();
    }
    if cursor.last_is('.')? {
        return refuse("a path cannot end with `.`");
    }
    parse_from_context(cursor, nesting)
}

/// Reads a path that is a function's parameter.
fn parse_parameter(text: &str, nesting: usize) -> Result<Query> {
    parse_from_context(Cursor::new(text), nesting)
}

fn parse_from_context(cursor: Cursor, nesting: usize) -> Result<Query> {
    if nesting > MAX_NESTING {
        return refuse("filters and functions nest too deep");
    }
    let mut parser = Parser { cursor, tokens: Vec::new(), nesting };
    let from_root = parser.read_context()?;
    Ok(Query::new(parser.tokens, from_root))
}

struct Parser {
    cursor: Cursor,
    tokens: Vec<Token>,
    nesting: usize,
}

impl Parser {
    fn read_context(&mut self) -> Result<bool> {
        while self.cursor.here() && is_whitespace(self.cursor.current()?) {
            self.cursor.position += 1;
        }
        let context = self.cursor.current()?;
        if !matches!(context, '$' | '@') {
            return refuse("a path starts with `$` or `@`");
        }
        if self.cursor.is_tail() {
            return Ok(context == '$');
        }
        self.cursor.position += 1;
        if !matches!(self.cursor.current()?, '.' | '[') {
            return self.refuse_here("expected `.` or `[`");
        }
        self.read_token()?;
        while !self.cursor.is_tail() {
            self.read_token()?;
        }
        Ok(context == '$')
    }

    fn refuse_here<T>(&self, what: &str) -> Result<T> {
        refuse(format!("{what} at position {}", self.cursor.position))
    }

    fn read_token(&mut self) -> Result<()> {
        match self.cursor.current()? {
            '[' => self.read_bracket(),
            '.' => self.read_dot(),
            '*' => self.read_wildcard(),
            _ => self.read_property_or_function(),
        }
    }

    fn read_bracket(&mut self) -> Result<()> {
        let here = self.cursor.position;
        let inside = self.cursor.next_significant(here);
        match inside {
            '\'' | '"' => self.read_bracket_property(inside),
            '*' => self.read_bracket_wildcard(),
            '?' => self.read_filter(),
            '-' | ':' => self.read_array(),
            c if number::digit(c, 10).is_some() => self.read_array(),
            _ => self.refuse_here("expected `?`, `'`, a number or `*` after the `[`"),
        }
    }

    /// `.` and `..`
    fn read_dot(&mut self) -> Result<()> {
        if self.cursor.next_is('.') {
            self.tokens.push(Token::Scan);
            self.cursor.position += 2;
        } else if self.cursor.is_tail() {
            return refuse("a path cannot end with `.`");
        } else {
            self.cursor.position += 1;
        }
        if self.cursor.current_is('.')? {
            return self.refuse_here("`.` is not expected");
        }
        self.read_token()
    }

    /// `name` and `name(…)`
    fn read_property_or_function(&mut self) -> Result<()> {
        let start = self.cursor.position;
        let mut end = start;
        while self.cursor.in_bounds(end) && !matches!(self.cursor.at(end)?, '.' | '[' | '(' | ' ') {
            end += 1;
        }
        let stop = if self.cursor.in_bounds(end) { self.cursor.at(end)? } else { '.' };
        if stop == ' ' {
            return self.refuse_here("a name with blanks needs brackets, as in `['my name']`");
        }
        let name = self.cursor.slice(start, end)?;
        if stop == '(' {
            let parameters = self.read_call(&name, end)?;
            self.tokens.push(Token::Function(Function::new(&name, parameters)));
        } else {
            self.cursor.position = end;
            self.tokens.push(Token::Property(vec![Arc::from(name)]));
        }
        Ok(())
    }

    /// The parameters in the parentheses that open here. Afterwards the place is the `)` of `()`, but what follows the
    /// `)` of `(…)`: json-path reads `.length().a` as a property named `)` and then `a`.
    fn read_call(&mut self, name: &str, open: usize) -> Result<Vec<Parameter>> {
        let mut opened = 1;
        let mut position = open + 1;
        while opened > 0 && self.cursor.in_bounds(position) {
            match self.cursor.at(position)? {
                ')' => opened -= 1,
                '(' => opened += 1,
                _ => {}
            }
            position += 1;
        }
        if opened > 0 {
            return refuse(format!("the arguments of `{name}` have no closing `)`"));
        }
        self.cursor.position = open + 1;
        if self.cursor.current()? == ')' { Ok(Vec::new()) } else { self.read_parameters(name) }
    }

    fn read_parameters(&mut self, name: &str) -> Result<Vec<Parameter>> {
        let mut parameters = Vec::new();
        let mut groups = Groups::default();
        let mut kind: Option<fn(&str, usize) -> Result<Parameter>> = None;
        let mut text = String::new();
        let mut previous = '\0';
        let mut ended = false;
        while self.cursor.here() && !ended {
            let c = self.cursor.current()?;
            self.cursor.position += 1;
            if kind.is_none() {
                if is_whitespace(c) {
                    continue;
                }
                kind = parameter_kind(c);
            }
            groups.count(c, previous)?;
            if c == ')' && (groups.parentheses < 0 || previous == '(') {
                text.push(c);
            }
            if matches!(c, ')' | ',') && groups.at_parameter_end(c) {
                ended = groups.parentheses == 0;
                if let Some(read) = kind.take() {
                    parameters.push(read(&text, self.nesting + 1)?);
                    text.clear();
                }
            }
            if kind.is_some() && !(c == ',' && groups.between_parameters()) {
                text.push(c);
            }
            previous = c;
        }
        if !groups.all_closed() {
            return refuse(format!("the arguments of `{name}` are not closed"));
        }
        Ok(parameters)
    }

    /// `[?(…)]`, and nothing else that starts with `[?`: there are no filters to put in a placeholder's place.
    fn read_filter(&mut self) -> Result<()> {
        let open = self.cursor.position;
        let question = self.cursor.find_next_significant(open, '?')?;
        let close = match question {
            Some(question) => match self.cursor.find_next_significant(question, '(')? {
                Some(parenthesis) => self.cursor.find_closing(parenthesis, '(', ')', true)?,
                None => None,
            },
            None => None,
        };
        let Some(end) = close.filter(|close| self.cursor.next_significant_is(*close, ']')) else {
            return self.refuse_here("expected a filter `[?(…)]`");
        };
        let Some(end) = self.cursor.find_next_significant(end, ']')? else {
            return self.refuse_here("expected `]` after the filter");
        };
        let text = self.cursor.slice(open, end + 1)?;
        let expression = filter_parser::parse(&text, self.nesting + 1)?;
        self.tokens.push(Token::Filter(Arc::new(expression)));
        self.cursor.position = end + 1;
        Ok(())
    }

    fn read_wildcard(&mut self) -> Result<()> {
        self.cursor.position += 1;
        self.tokens.push(Token::Wildcard);
        Ok(())
    }

    fn read_bracket_wildcard(&mut self) -> Result<()> {
        let star = self.cursor.find_next_significant(self.cursor.position, '*')?.unwrap_or(self.cursor.position);
        let Some(close) =
            self.cursor.find_next_significant(star, ']').ok().flatten().filter(|close| self.cursor.in_bounds(*close))
        else {
            return self.refuse_here("expected `]` after `*`");
        };
        self.cursor.position = close + 1;
        self.tokens.push(Token::Wildcard);
        Ok(())
    }

    /// `[1]`, `[1,2]`, `[1:]`, `[1:2]`, `[:2]`
    fn read_array(&mut self) -> Result<()> {
        let start = self.cursor.position + 1;
        let Some(end) = self.cursor.find(start, ']') else {
            return self.refuse_here("expected `]` after the index");
        };
        let text = self.cursor.slice(start, end)?;
        let text = text.trim_matches(|c| c <= ' ');
        if !text.chars().all(|c| matches!(c, ',' | '-' | ':' | ' ') || number::digit(c, 10).is_some()) {
            return self.refuse_here("expected an index, a list of indexes or a slice");
        }
        self.tokens.push(if text.contains(':') { slice(text)? } else { indexes(text)? });
        self.cursor.position = end + 1;
        Ok(())
    }

    /// `['name']`, `['a','b']`
    fn read_bracket_property(&mut self, quote: char) -> Result<()> {
        let mut names: Vec<Arc<str>> = Vec::new();
        let mut start = self.cursor.position + 1;
        let mut position = start;
        let mut last_quote = 0;
        let (mut in_name, mut escaped, mut after_comma) = (false, false, false);
        while self.cursor.in_bounds(position) {
            let c = self.cursor.at(position)?;
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == ']' && !in_name {
                if after_comma {
                    return refuse(format!("expected a name at position {position}"));
                }
                break;
            // Only the quote of the first name counts; the other kind is a character of a name.
            } else if c == quote {
                if in_name {
                    if !matches!(self.cursor.next_significant(position), ']' | ',') {
                        return refuse(format!("expected `,` or `]` after the name at position {position}"));
                    }
                    last_quote = position;
                    names.push(Arc::from(unescape(&self.cursor.slice(start, position)?)?));
                    in_name = false;
                } else {
                    start = position + 1;
                    (in_name, after_comma) = (true, false);
                }
            } else if c == ',' && !in_name {
                if after_comma {
                    return refuse(format!("expected a name at position {position}"));
                }
                after_comma = true;
            }
            position += 1;
        }
        if in_name {
            return refuse(format!("no closing `{quote}`"));
        }
        let Some(close) = self.cursor.find_next_significant(last_quote, ']')? else {
            return refuse("expected `]` after the name");
        };
        self.cursor.position = close + 1;
        self.tokens.push(Token::Property(names));
        Ok(())
    }
}

/// Which kind of parameter starts with the character.
fn parameter_kind(c: char) -> Option<fn(&str, usize) -> Result<Parameter>> {
    match c {
        '$' | '@' => Some(|text, nesting| Ok(Parameter::Path(Arc::new(parse_parameter(text, nesting)?)))),
        '{' | '"' | '-' => Some(|text, _| Ok(Parameter::Json(Arc::from(text)))),
        c if number::digit(c, 10).is_some() => Some(|text, _| Ok(Parameter::Json(Arc::from(text)))),
        _ => None,
    }
}

/// What is open while the parameters of a function are read.
struct Groups {
    parentheses: i32,
    brackets: i32,
    braces: i32,
    quotes: i32,
}

impl Default for Groups {
    fn default() -> Groups {
        Groups { parentheses: 1, brackets: 0, braces: 0, quotes: 0 }
    }
}

impl Groups {
    fn count(&mut self, c: char, previous: char) -> Result<()> {
        match c {
            '"' if previous != '\\' && self.quotes > 0 => self.quotes -= 1,
            '"' => self.quotes += 1,
            '(' => self.parentheses += 1,
            ')' => self.parentheses -= 1,
            '{' => self.braces += 1,
            '[' => self.brackets += 1,
            '}' if self.braces == 0 => return refuse("unexpected `}`"),
            '}' => self.braces -= 1,
            ']' if self.brackets == 0 => return refuse("unexpected `]`"),
            ']' => self.brackets -= 1,
            _ => {}
        }
        Ok(())
    }

    fn at_parameter_end(&self, c: char) -> bool {
        self.quotes == 0
            && self.braces == 0
            && self.brackets == 0
            && (self.parentheses == 1 || self.parentheses == 0 && c == ')')
    }

    fn between_parameters(&self) -> bool {
        self.braces == 0 && self.brackets == 0 && self.parentheses == 1
    }

    fn all_closed(&self) -> bool {
        self.braces == 0 && self.brackets == 0 && self.parentheses == 0
    }
}

fn indexes(text: &str) -> Result<Token> {
    let read = |part: &str| number::parse_int(part.trim_matches(' '), 10);
    match text.split(',').map(read).collect() {
        Some(indexes) => Ok(Token::Index(indexes)),
        None => refuse(format!("`{text}` is not an index")),
    }
}

fn slice(text: &str) -> Result<Token> {
    if text.contains([',', ' ']) {
        return refuse(format!("`{text}` is not a slice"));
    }
    // A third part, the step, is not looked at.
    let parts: Vec<&str> = text.trim_end_matches(':').split(':').collect();
    let read = |n: usize| match parts.get(n) {
        None | Some(&"") => Ok(None),
        Some(part) => match number::parse_int(part, 10) {
            Some(value) => Ok(Some(value)),
            None => Err(Refusal::Hard(format!("`{part}` is not an index"))),
        },
    };
    match (read(0)?, read(1)?) {
        (Some(from), None) => Ok(Token::Slice(Slice::From(from))),
        (Some(from), Some(to)) => Ok(Token::Slice(Slice::Between(from, to))),
        (None, Some(to)) => Ok(Token::Slice(Slice::To(to))),
        (None, None) => refuse(format!("`{text}` is not a slice")),
    }
}

fn is_whitespace(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}
