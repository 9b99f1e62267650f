//! Text to tokens, state by state, exactly as Velocity 1.7's generated token manager does it.

use super::super::token::{Kind, State, Token};
use super::rules::{
    Best, count, in_arguments, in_directive, in_index, in_pre_directive, in_reference, in_text, is_prefix, newline,
    prefixes,
};

/// The lexer: hands out one token at a time, because the parser switches its state.
pub(crate) struct Lexer<'s> {
    source: &'s str,
    at: usize,
    state: State,
    stack: Vec<Saved>,
    opened: i32,
    closed: i32,
    in_comment: bool,
    /// Where the run of backslashes that is being read ends.
    slashes_end: usize,
    /// Inside `#set(…)`: the parser clears it.
    pub in_set: bool,
}

struct Saved {
    state: State,
    opened: i32,
    closed: i32,
}

/// Where the lexer could not go on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stuck {
    /// The offset of the first byte that fits nothing.
    pub at: usize,
}

impl<'s> Lexer<'s> {
    /// A lexer at the start of the source.
    pub(crate) fn new(source: &'s str) -> Lexer<'s> {
        Lexer {
            source,
            at: 0,
            state: State::Default,
            stack: Vec::new(),
            opened: 0,
            closed: 0,
            in_comment: false,
            slashes_end: 0,
            in_set: false,
        }
    }

    /// The parser recognised a directive: its arguments follow.
    pub(crate) fn enter_directive(&mut self) {
        self.state = State::Directive;
    }

    /// Back to the state before the innermost construct.
    pub(crate) fn pop(&mut self) -> bool {
        match self.stack.pop() {
            Some(saved) => {
                self.state = saved.state;
                self.opened = saved.opened;
                self.closed = saved.closed;
                true
            }
            None => {
                self.opened = 0;
                self.state = State::Default;
                false
            }
        }
    }

    /// Whether the next thing but white space is `(`.
    pub(crate) fn parenthesis_follows(&self) -> bool {
        let rest = &self.source.as_bytes()[self.at..];
        rest.iter().find(|b| !matches!(b, b' ' | b'\n' | b'\r' | b'\t')) == Some(&b'(')
    }

    fn push(&mut self, next: State) {
        self.stack.push(Saved { state: self.state, opened: self.opened, closed: self.closed });
        self.opened = 0;
        self.state = next;
    }

    /// The next token.
    pub(crate) fn next(&mut self) -> Result<Token, Stuck> {
        let mut special = Vec::new();
        'token: loop {
            let begin = self.at;
            if begin >= self.source.len() {
                return Ok(Token { kind: Kind::Eof, begin, end: begin, image: None, special });
            }
            loop {
                let Some((kind, length)) = self.longest() else { return Err(Stuck { at: self.at }) };
                self.at += length;
                match kind {
                    Kind::ReferenceEnd | Kind::DirectiveEnd => {
                        special.push((begin, self.at));
                        self.at -= length;
                        self.pop();
                        continue 'token;
                    }
                    Kind::CommentChar => continue 'token,
                    _ if is_prefix(kind) => {
                        self.act_on_prefix(kind);
                        if self.at >= self.source.len() {
                            return Err(Stuck { at: self.at });
                        }
                    }
                    _ => {
                        let mut token = Token { kind, begin, end: self.at, image: None, special };
                        self.act_on_token(&mut token);
                        return Ok(token);
                    }
                }
            }
        }
    }

    /// What a piece that more must follow does to the state.
    fn act_on_prefix(&mut self, kind: Kind) {
        if self.in_comment {
            return;
        }
        match kind {
            Kind::Dollar | Kind::DollarBang => {
                if self.state == State::Reference {
                    self.pop();
                }
                self.push(State::Reference);
            }
            Kind::TextBlockStart => self.enter_comment(State::TextBlock),
            Kind::FormalCommentStart => {
                self.back_one_char();
                self.enter_comment(State::FormalComment);
            }
            Kind::CommentStart => self.enter_comment(State::Comment),
            Kind::Hash => {
                if matches!(self.state, State::Reference | State::Modifier) {
                    self.pop();
                }
                self.push(State::PreDirective);
            }
            _ => {}
        }
    }

    fn enter_comment(&mut self, state: State) {
        self.in_comment = true;
        self.push(state);
    }

    fn back_one_char(&mut self) {
        if let Some(last) = self.source[..self.at].chars().next_back() {
            self.at -= last.len_utf8();
        }
    }

    /// What a whole token does to the state.
    fn act_on_token(&mut self, token: &mut Token) {
        match token.kind {
            Kind::IndexOpen => self.push(State::Index),
            Kind::IndexClose | Kind::End | Kind::Else | Kind::CurlyClose => {
                self.pop();
            }
            Kind::ParenOpen => {
                self.opened += 1;
                if self.state == State::Modifier {
                    self.state = State::Arguments;
                }
            }
            Kind::ParenClose => self.close_parenthesis(),
            Kind::MethodClose => self.state = State::Reference,
            Kind::Set => {
                self.push(State::Directive);
                self.in_set = true;
                self.opened += 1;
            }
            Kind::LineCommentStart => {
                if self.state == State::Reference {
                    self.pop();
                }
                self.enter_comment(State::LineComment);
            }
            Kind::LineCommentEnd | Kind::FormalCommentEnd | Kind::CommentEnd | Kind::TextBlock => {
                self.in_comment = false;
                self.pop();
            }
            Kind::Quoted if self.state == State::Directive && !self.in_set && self.opened == 0 => {
                self.pop();
            }
            Kind::If | Kind::ElseIf => self.state = State::Directive,
            Kind::Integer => self.finish_integer(token),
            Kind::Float if self.opened == 0 && !self.in_set && self.state != State::Arguments => {
                self.pop();
            }
            Kind::Dot => {
                // The rule takes a letter as well, to tell `$a.b` from a full stop; the letter is given back.
                self.at -= 1;
                token.end -= 1;
                if token.end - token.begin > 1 {
                    token.image = Some(".".to_owned());
                }
                self.state = State::Modifier;
            }
            _ => {}
        }
    }

    /// `1..` is the integer 1 before a range's dots.
    fn finish_integer(&mut self, token: &mut Token) {
        if self.source[token.begin..token.end].ends_with("..") {
            self.at -= 2;
            token.end -= 2;
        }
        if self.opened == 0 && !self.in_set && !matches!(self.state, State::Arguments | State::Index) {
            self.pop();
        }
    }

    /// `)` drops every state that has not seen its own `(`.
    fn close_parenthesis(&mut self) {
        loop {
            if self.opened > 0 {
                if self.opened == self.closed + 1 {
                    self.pop();
                } else {
                    self.closed += 1;
                }
                return;
            }
            if !self.pop() {
                return;
            }
        }
    }

    /// How many backslashes begin here. A run of them is many tokens, and is counted once.
    fn slashes(&mut self) -> usize {
        if self.slashes_end <= self.at {
            self.slashes_end = self.at + count(&self.source.as_bytes()[self.at..], |b| b == b'\\');
        }
        self.slashes_end - self.at
    }

    /// The longest match at this place in this state; the earlier rule wins a tie.
    fn longest(&mut self) -> Option<(Kind, usize)> {
        let slashes = self.slashes();
        let rest = &self.source.as_bytes()[self.at..];
        let mut best = Best(None);
        prefixes(rest, slashes, &mut best);
        match self.state {
            State::Default => in_text(rest, slashes, &mut best),
            State::Reference => in_reference(rest, true, &mut best),
            State::Modifier => in_reference(rest, false, &mut best),
            State::Index => in_index(rest, &mut best),
            State::Directive => in_directive(rest, &mut best),
            State::Arguments => in_arguments(rest, &mut best),
            State::PreDirective => in_pre_directive(rest, &mut best),
            State::Comment => best.literal(Kind::CommentEnd, rest, b"*#"),
            State::FormalComment => best.literal(Kind::FormalCommentEnd, rest, b"*#"),
            State::LineComment => best.add(Kind::LineCommentEnd, newline(rest)),
            State::TextBlock => best.literal(Kind::TextBlock, rest, b"]]#"),
        }
        let any = match self.state {
            State::Reference | State::Modifier => Kind::ReferenceEnd,
            State::PreDirective => Kind::DirectiveEnd,
            State::Comment | State::FormalComment | State::LineComment => Kind::CommentChar,
            State::TextBlock => Kind::TextBlockChar,
            _ => return best.0,
        };
        // Any one character, whose rule comes late: it wins only where nothing else matched one character or more.
        if best.0.is_none_or(|(kind, length)| length == 1 && kind > any) {
            let width = self.source[self.at..].chars().next().map_or(1, char::len_utf8);
            return Some((any, width));
        }
        best.0
    }
}
