//! The text of a filter, `[?(…)]`, to an expression.

use std::sync::Arc;

use super::cursor::{Cursor, Refusal, Result, refuse};
use super::element;
use super::literal::Scalar;
use super::number::Number;
use super::parser::{self, MAX_NESTING};
use super::query::{Expression, Node, Operator, Query};
use super::regex::Matcher;
use super::unescape::unescape;
use crate::value::number;

/// Reads a filter with its brackets.
pub(super) fn parse(text: &str, nesting: usize) -> Result<Expression> {
    let mut cursor = Cursor::new(text);
    cursor.trim();
    if !cursor.current_is('[')? || !cursor.last_is(']')? {
        return refuse("a filter stands in `[?(…)]`");
    }
    cursor.position += 1;
    cursor.cut_end(1);
    cursor.trim();
    if !cursor.current_is('?')? {
        return refuse("a filter stands in `[?(…)]`");
    }
    cursor.position += 1;
    cursor.trim();
    if !cursor.current_is('(')? || !cursor.last_is(')')? {
        return refuse("a filter stands in `[?(…)]`");
    }
    let mut parser = FilterParser { cursor, nesting, doubt: None };
    let expression = parser.read_or(nesting)?;
    parser.cursor.skip_blanks();
    if parser.cursor.here() {
        let rest = parser.cursor.slice(parser.cursor.position, parser.cursor.end())?;
        return parser.refuse_doubtful(format!("expected the end of the filter, not `{rest}`"));
    }
    Ok(expression)
}

struct FilterParser {
    cursor: Cursor,
    /// How deep the filter itself is nested.
    nesting: usize,
    /// Why the last path that stands alone is not the left side of a comparison.
    doubt: Option<String>,
}

/// A value that was read; only a path can stand alone.
enum Read {
    /// A path, and whether no `!` stands before it.
    Path(Query, bool),
    Value(Node),
}

impl Read {
    fn node(self) -> Node {
        match self {
            Read::Path(query, _) => Node::Path(Arc::new(query)),
            Read::Value(node) => node,
        }
    }
}

impl FilterParser {
    fn read_or(&mut self, nesting: usize) -> Result<Expression> {
        let mut alternatives = vec![self.read_and(nesting)?];
        loop {
            let before = self.cursor.position;
            if !self.cursor.take("||")? {
                self.cursor.position = before;
                break;
            }
            alternatives.push(self.read_and(nesting)?);
        }
        Ok(one_or(alternatives, Expression::Or))
    }

    fn read_and(&mut self, nesting: usize) -> Result<Expression> {
        let mut parts = vec![self.read_operand(nesting)?];
        loop {
            let before = self.cursor.position;
            if !self.cursor.take("&&")? {
                self.cursor.position = before;
                break;
            }
            parts.push(self.read_operand(nesting)?);
        }
        Ok(one_or(parts, Expression::And))
    }

    /// A comparison, something in parentheses, or `!` and one of these.
    fn read_operand(&mut self, nesting: usize) -> Result<Expression> {
        if nesting > MAX_NESTING {
            return Err(Refusal::Hard("parentheses nest too deep".to_owned()));
        }
        self.cursor.skip_blanks();
        let before = self.cursor.position;
        if self.cursor.current_is('!')? {
            self.cursor.position += 1;
            self.cursor.skip_blanks();
            if !matches!(self.cursor.current()?, '$' | '@') {
                return Ok(Expression::Not(Box::new(self.read_operand(nesting + 1)?)));
            }
            self.cursor.position = before;
        }
        if self.cursor.current_is('(')? {
            self.cursor.position += 1;
            let inside = self.read_or(nesting + 1)?;
            return match self.cursor.expect(')') {
                Err(Refusal::Soft(detail)) => self.refuse_doubtful(detail),
                result => result.map(|()| inside),
            };
        }
        self.read_comparison()
    }

    fn read_comparison(&mut self) -> Result<Expression> {
        let left = self.read_value()?;
        let before = self.cursor.position;
        match self.read_right_side() {
            Ok((operator, right)) => Ok(Expression::Compare(left.node(), operator, right)),
            // json-path tries a comparison, and takes whatever refuses it for the end of a path that stands alone.
            Err(Refusal::Soft(detail)) => {
                self.cursor.position = before;
                match left {
                    Read::Path(query, wanted) => {
                        self.doubt = Some(detail).filter(|_| !self.at_end_of_operand());
                        Ok(Expression::Exists(Arc::new(query), wanted))
                    }
                    Read::Value(_) => refuse(format!("a value cannot stand alone: {detail}")),
                }
            }
            Err(hard) => Err(hard),
        }
    }

    fn at_end_of_operand(&self) -> bool {
        let here = self.cursor.current().unwrap_or(')');
        let next = if here == ' ' { self.cursor.next_significant(self.cursor.position) } else { here };
        matches!(next, ')' | '&' | '|' | ' ')
    }

    /// Refuses with the better reason, if there is one.
    fn refuse_doubtful<T>(&mut self, detail: String) -> Result<T> {
        refuse(self.doubt.take().unwrap_or(detail))
    }

    fn read_right_side(&mut self) -> Result<(Operator, Node)> {
        let operator = self.read_operator()?;
        Ok((operator, self.read_value()?.node()))
    }

    fn read_operator(&mut self) -> Result<Operator> {
        self.cursor.skip_blanks();
        let start = self.cursor.position;
        let symbols = is_operator_char(self.cursor.current()?);
        while self.cursor.here() {
            let c = self.cursor.current()?;
            // json-path ends a word at a blank and nowhere else: `in['x']` is no operator.
            if symbols && !is_operator_char(c) || !symbols && c == ' ' {
                break;
            }
            self.cursor.position += 1;
        }
        let text = self.cursor.slice(start, self.cursor.position)?;
        match Operator::named(&text) {
            Some(operator) => Ok(operator),
            None => refuse(format!("`{text}` is not an operator")),
        }
    }

    fn read_value(&mut self) -> Result<Read> {
        self.cursor.skip_blanks();
        if self.cursor.current_is('!')? {
            self.cursor.position += 1;
            self.cursor.skip_blanks();
            if !matches!(self.cursor.current()?, '$' | '@') {
                return refuse("expected a path after `!`");
            }
        }
        match self.cursor.current()? {
            '$' | '@' => self.read_path(),
            _ => self.read_literal().map(Read::Value),
        }
    }

    fn read_literal(&mut self) -> Result<Node> {
        match self.cursor.current()? {
            quote @ ('\'' | '"') => self.read_string(quote),
            't' => self.read_keyword("true", Scalar::Bool(true)),
            'f' => self.read_keyword("false", Scalar::Bool(false)),
            'n' => self.read_keyword("null", Scalar::Null),
            '{' => self.read_json('{', '}'),
            '[' => self.read_json('[', ']'),
            '/' => self.read_pattern(),
            _ => self.read_number(),
        }
    }

    fn read_string(&mut self, quote: char) -> Result<Node> {
        let start = self.cursor.position;
        let Some(end) = self.cursor.find_unescaped(start, quote) else {
            return refuse(format!("the string has no closing `{quote}`"));
        };
        self.cursor.position = end + 1;
        let text = unescape(&self.cursor.slice(start + 1, end)?)?;
        Ok(Node::Scalar(Scalar::Str(Arc::from(text))))
    }

    fn read_keyword(&mut self, keyword: &str, value: Scalar) -> Result<Node> {
        let end = self.cursor.position + keyword.len();
        if !self.cursor.in_bounds(end - 1) || self.cursor.slice(self.cursor.position, end)? != keyword {
            return refuse(format!("expected `{keyword}`"));
        }
        self.cursor.position = end;
        Ok(Node::Scalar(value))
    }

    fn read_json(&mut self, open: char, close: char) -> Result<Node> {
        let start = self.cursor.position;
        let Some(end) = self.cursor.find_closing(start, open, close, false)? else {
            return refuse(format!("expected `{close}`"));
        };
        self.cursor.position = end + 1;
        let text = self.cursor.slice(start, end + 1)?;
        Ok(Node::Json(element::literal(&text)))
    }

    fn read_pattern(&mut self) -> Result<Node> {
        let start = self.cursor.position;
        let Some(end) = self.cursor.find_unescaped(start, '/') else {
            return refuse("the regular expression has no closing `/`");
        };
        let mut flags = end + 1;
        while self.cursor.in_bounds(flags) && is_pattern_flag(self.cursor.at(flags)?) {
            flags += 1;
        }
        self.cursor.position = flags;
        let pattern = self.cursor.slice(start + 1, end)?;
        match Matcher::compile(&pattern, &self.cursor.slice(end + 1, flags)?) {
            Ok(matcher) => Ok(Node::Pattern(matcher)),
            Err(detail) => Err(Refusal::Hard(format!("`{pattern}` is not a regular expression: {detail}"))),
        }
    }

    fn read_number(&mut self) -> Result<Node> {
        let start = self.cursor.position;
        while self.cursor.here() && is_number_char(self.cursor.current()?) {
            self.cursor.position += 1;
        }
        let text = self.cursor.slice(start, self.cursor.position)?;
        match Number::read(&text) {
            Some(number) => Ok(Node::Scalar(Scalar::Number(number))),
            None => Err(Refusal::Hard(format!("expected a value at position {start}"))),
        }
    }

    fn read_path(&mut self) -> Result<Read> {
        let wanted = self.cursor.previous_significant() != '!';
        let start = self.cursor.position;
        self.cursor.position += 1;
        while self.cursor.here() {
            if self.cursor.current_is('[')? {
                match self.cursor.find_closing(self.cursor.position, '[', ']', false)? {
                    Some(end) => self.cursor.position = end + 1,
                    None => return refuse("expected `]` in the path"),
                }
            }
            let c = self.cursor.current()?;
            let closes_expression = c == ')' && !self.cursor.closes_function(start);
            if !self.cursor.here() || is_operator_char(c) || c == ' ' || closes_expression {
                break;
            }
            self.cursor.position += 1;
        }
        let text = self.cursor.slice(start, self.cursor.position)?;
        // json-path wraps whatever goes wrong in there.
        let query = parser::parse(&text, self.nesting + 1).map_err(|e| Refusal::Soft(e.detail()))?;
        Ok(Read::Path(query, wanted))
    }
}

fn one_or(mut parts: Vec<Expression>, combine: impl FnOnce(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            combine(parts)
        }
        None => combine(parts),
    }
}

fn is_operator_char(c: char) -> bool {
    matches!(c, '<' | '>' | '=' | '~' | '!')
}

fn is_number_char(c: char) -> bool {
    matches!(c, '-' | '.' | 'e' | 'E') || number::digit(c, 10).is_some()
}

fn is_pattern_flag(c: char) -> bool {
    matches!(c, 'd' | 'i' | 'x' | 'm' | 's' | 'u' | 'U')
}
