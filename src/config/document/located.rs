//! Where in a text the values of a YAML or JSON document stand, to the byte.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::limit::DEPTH;

/// A value's place in the text.
#[derive(Debug)]
pub(super) struct Located {
    /// Its bytes; of a collection in block style those of its first and last value and all between.
    pub(super) span: Range<usize>,
    /// What it is.
    pub(super) form: Form,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Form {
    /// A text, a number or a word.
    Scalar(ScalarStyle),
    /// A list; `flow`: in brackets.
    List { items: Vec<Located>, flow: bool },
    /// A map: each key with its bytes.
    Map { entries: Vec<(String, Range<usize>, Located)>, flow: bool },
    /// What stands for a value elsewhere, or has a name or a tag of its own.
    Other,
}

/// The values of a document, or why they cannot be found.
pub(super) fn locate(text: &str) -> Result<Located, String> {
    // Markers count characters.
    let mut bytes: Vec<usize> = text.char_indices().map(|(byte, _)| byte).collect();
    bytes.push(text.len());
    let mut locator = Locator { text, bytes, open: Vec::new(), root: None };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| error.to_string())?;
        locator.take(event, span)?;
    }
    locator.root.ok_or_else(|| "the file is empty".to_owned())
}

/// A collection that is not closed yet.
struct Open {
    is_plain: bool,
    flow: bool,
    start: usize,
    end: usize,
    key: Option<(String, Range<usize>)>,
    form: Form,
}

struct Locator<'a> {
    text: &'a str,
    bytes: Vec<usize>,
    open: Vec<Open>,
    root: Option<Located>,
}

impl Locator<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), String> {
        let range = self.range(&span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_key = self.open.last().is_some_and(|open| open.awaits_key());
                match self.open.last_mut() {
                    Some(open) if is_key => open.key = Some((text.into_owned(), range)),
                    _ => {
                        let is_plain = anchor == 0 && tag.is_none();
                        self.add(range, if is_plain { Form::Scalar(style) } else { Form::Other })?;
                    }
                }
            }
            Event::Alias(_) => self.add(range, Form::Other)?,
            Event::SequenceStart(anchor, tag) => {
                let flow = self.text[range.start..].starts_with('[');
                let form = Form::List { items: Vec::new(), flow };
                self.begin(range.start, anchor == 0 && tag.is_none(), flow, form)?;
            }
            Event::MappingStart(anchor, tag) => {
                let flow = self.text[range.start..].starts_with('{');
                let form = Form::Map { entries: Vec::new(), flow };
                self.begin(range.start, anchor == 0 && tag.is_none(), flow, form)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let open = self.open.pop().ok_or("an end without a beginning")?;
                let end = if open.flow { self.closed(open.start..range.end) } else { open.end };
                self.add(open.start..end, if open.is_plain { open.form } else { Form::Other })?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The end of a collection in brackets: the parser takes more than it.
    fn closed(&self, span: Range<usize>) -> usize {
        let text = self.text.get(span.clone()).unwrap_or_default();
        text.rfind(['}', ']']).map_or(span.end, |bracket| span.start + bracket + 1)
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let byte = |index: usize| self.bytes.get(index).copied().unwrap_or(self.text.len());
        let (start, end) = (byte(span.start.index()), byte(span.end.index()));
        // Blanks behind a value are none of it.
        start..start + self.text.get(start..end).unwrap_or_default().trim_end().len()
    }

    fn begin(&mut self, start: usize, is_plain: bool, flow: bool, form: Form) -> Result<(), String> {
        if self.open.len() >= DEPTH {
            return Err(format!("nested deeper than {DEPTH} levels"));
        }
        self.open.push(Open { is_plain, flow, start, end: start, key: None, form });
        Ok(())
    }

    fn add(&mut self, span: Range<usize>, form: Form) -> Result<(), String> {
        let located = Located { span, form };
        let Some(open) = self.open.last_mut() else {
            self.root = Some(located);
            return Ok(());
        };
        open.end = open.end.max(located.span.end);
        match &mut open.form {
            Form::List { items, .. } => items.push(located),
            Form::Map { entries, .. } => {
                let (key, at) = open.key.take().ok_or("a key that is no text")?;
                open.end = open.end.max(at.end);
                entries.push((key, at, located));
            }
            Form::Scalar(_) | Form::Other => {}
        }
        Ok(())
    }
}

impl Open {
    fn awaits_key(&self) -> bool {
        matches!(self.form, Form::Map { .. }) && self.key.is_none()
    }
}
