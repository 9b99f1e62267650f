//! A place in the text of a path, with the look-arounds that json-path's parser is made of.

/// Why a text cannot be read here.
#[derive(Debug)]
pub(super) enum Refusal {
    /// json-path's `InvalidPathException`: a filter may take it back and try to read something else.
    Soft(String),
    /// Any other Java exception, such as an index beyond the end: nothing takes that back.
    Hard(String),
}

impl Refusal {
    pub(super) fn detail(self) -> String {
        match self {
            Refusal::Soft(detail) | Refusal::Hard(detail) => detail,
        }
    }
}

pub(super) type Result<T> = std::result::Result<T, Refusal>;

pub(super) fn refuse<T>(detail: impl Into<String>) -> Result<T> {
    Err(Refusal::Soft(detail.into()))
}

/// A text with a place in it. Cutting the end off does not hide the characters there: they can still be looked at.
pub(super) struct Cursor {
    chars: Vec<char>,
    pub position: usize,
    end: usize,
}

impl Cursor {
    pub(super) fn new(text: &str) -> Cursor {
        let chars: Vec<char> = text.chars().collect();
        let end = chars.len();
        Cursor { chars, position: 0, end }
    }

    pub(super) fn end(&self) -> usize {
        self.end
    }

    pub(super) fn cut_end(&mut self, count: usize) {
        self.end = self.end.saturating_sub(count);
    }

    pub(super) fn at(&self, position: usize) -> Result<char> {
        self.chars.get(position).copied().ok_or_else(|| Refusal::Hard("the path ends too early".to_owned()))
    }

    pub(super) fn current(&self) -> Result<char> {
        self.at(self.position)
    }

    pub(super) fn current_is(&self, c: char) -> Result<bool> {
        Ok(self.current()? == c)
    }

    pub(super) fn last_is(&self, c: char) -> Result<bool> {
        Ok(self.at(self.end.wrapping_sub(1))? == c)
    }

    pub(super) fn next_is(&self, c: char) -> bool {
        self.in_bounds(self.position + 1) && self.chars.get(self.position + 1) == Some(&c)
    }

    pub(super) fn in_bounds(&self, position: usize) -> bool {
        position < self.end
    }

    pub(super) fn here(&self) -> bool {
        self.in_bounds(self.position)
    }

    /// Whether this is the last character, or beyond.
    pub(super) fn is_tail(&self) -> bool {
        self.position + 1 >= self.end
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> Result<String> {
        match self.chars.get(from..to) {
            Some(chars) => Ok(chars.iter().collect()),
            None => Err(Refusal::Hard("the path ends too early".to_owned())),
        }
    }

    pub(super) fn skip_blanks(&mut self) {
        while !self.is_tail() && self.chars.get(self.position) == Some(&' ') {
            self.position += 1;
        }
    }

    pub(super) fn trim(&mut self) {
        self.skip_blanks();
        while !self.is_tail() && self.chars.get(self.end - 1) == Some(&' ') {
            self.end -= 1;
        }
    }

    /// The first place after `from` that is no blank.
    fn after_blanks(&self, from: usize) -> usize {
        let mut position = from + 1;
        while self.in_bounds(position) && self.chars.get(position) == Some(&' ') {
            position += 1;
        }
        position
    }

    /// The next character after blanks; a blank at the end.
    pub(super) fn next_significant(&self, from: usize) -> char {
        let position = self.after_blanks(from);
        if self.in_bounds(position) { self.chars.get(position).copied().unwrap_or(' ') } else { ' ' }
    }

    pub(super) fn next_significant_is(&self, from: usize, c: char) -> bool {
        let position = self.after_blanks(from);
        self.in_bounds(position) && self.chars.get(position) == Some(&c)
    }

    /// Where the next character after blanks is, if it is `c`.
    pub(super) fn find_next_significant(&self, from: usize, c: char) -> Result<Option<usize>> {
        let position = self.after_blanks(from);
        Ok((self.at(position)? == c).then_some(position))
    }

    fn find_previous_significant(&self) -> Option<usize> {
        let mut position = self.position.checked_sub(1)?;
        while self.in_bounds(position) && self.chars.get(position) == Some(&' ') {
            position = position.checked_sub(1)?;
        }
        self.in_bounds(position).then_some(position)
    }

    pub(super) fn previous_significant(&self) -> char {
        self.find_previous_significant().and_then(|position| self.chars.get(position)).copied().unwrap_or(' ')
    }

    pub(super) fn find(&self, from: usize, c: char) -> Option<usize> {
        (from..self.end).find(|position| self.chars.get(*position) == Some(&c))
    }

    /// The next `c` after `from` without a backslash before it.
    pub(super) fn find_unescaped(&self, from: usize, c: char) -> Option<usize> {
        let mut escaped = false;
        for position in from + 1..self.end {
            let found = self.chars.get(position)?;
            if escaped {
                escaped = false;
            } else if *found == '\\' {
                escaped = true;
            } else if *found == c {
                return Some(position);
            }
        }
        None
    }

    /// The bracket that closes the one here; strings, and regular expressions if asked, do not count.
    pub(super) fn find_closing(&self, from: usize, open: char, close: char, skip_regex: bool) -> Result<Option<usize>> {
        if self.at(from)? != open {
            return refuse(format!("expected `{open}`"));
        }
        let mut opened = 1;
        let mut position = from + 1;
        while self.in_bounds(position) {
            let quote = self.at(position)?;
            if quote == '\'' || quote == '"' {
                match self.find_unescaped(position, quote) {
                    Some(end) => position = end + 1,
                    None => return refuse(format!("no closing `{quote}`")),
                }
            }
            if skip_regex && self.at(position)? == '/' {
                match self.find_unescaped(position, '/') {
                    Some(end) => position = end + 1,
                    None => return refuse("no closing `/`"),
                }
            }
            // As in json-path, the character right behind a string is never taken for the start of another one.
            let c = self.at(position)?;
            if c == open {
                opened += 1;
            }
            if c == close {
                opened -= 1;
                if opened == 0 {
                    return Ok(Some(position));
                }
            }
            position += 1;
        }
        Ok(None)
    }

    /// Takes the character after blanks, which has to be `c`.
    pub(super) fn expect(&mut self, c: char) -> Result<()> {
        self.skip_blanks();
        if self.current()? != c {
            return refuse(format!("expected `{c}`"));
        }
        self.position += 1;
        Ok(())
    }

    /// Takes the text after blanks, if it is there.
    pub(super) fn take(&mut self, text: &str) -> Result<bool> {
        self.skip_blanks();
        let to = self.position + text.len();
        if !self.in_bounds(to - 1) || self.slice(self.position, to)? != text {
            return Ok(false);
        }
        self.position = to;
        Ok(true)
    }

    /// Whether the `)` here closes a function without arguments that starts after `from`.
    pub(super) fn closes_function(&self, from: usize) -> bool {
        let open = self.find_previous_significant().filter(|position| self.chars.get(*position) == Some(&'('));
        open.is_some_and(|open| (from + 1..open).any(|position| self.chars.get(position) == Some(&'.')))
    }
}
