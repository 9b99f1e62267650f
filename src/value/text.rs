//! `java.lang.String`: a text of its own, or a part of a document that was read.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

/// A `java.lang.String`. Cheap to clone.
#[derive(Clone)]
pub struct Text(Kept);

#[derive(Clone)]
enum Kept {
    /// Known when this was compiled.
    Fixed(&'static str),
    /// Of this thread alone, where counting who holds it is cheap.
    Own(Rc<str>),
    /// What other threads may hold, too: a template's own texts, and a body.
    Shared(Arc<str>),
    Part(Rc<Source>, Part),
}

/// What the texts of a document are parts of.
pub(super) struct Source {
    /// The document as it came.
    written: Arc<str>,
    /// What its strings with escapes say, one behind the other.
    unescaped: Box<str>,
}

/// Where a text stands: in the document as it came, or, counted on from its end, among what was unescaped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) start: u32,
    pub(super) length: u32,
}

impl Source {
    pub(super) fn new(written: Arc<str>, unescaped: String) -> Source {
        Source { written, unescaped: unescaped.into_boxed_str() }
    }

    /// The bytes of the text there.
    #[inline(always)]
    pub(super) fn bytes(&self, part: Part) -> &[u8] {
        let (start, length) = (part.start as usize, part.length as usize);
        let found = match start.checked_sub(self.written.len()) {
            Some(start) if length > 0 => self.unescaped.as_bytes().get(start..start + length),
            _ => self.written.as_bytes().get(start..start + length),
        };
        found.unwrap_or_default()
    }

    /// The text there.
    pub(super) fn text(&self, part: Part) -> &str {
        let (start, length) = (part.start as usize, part.length as usize);
        let found = match start.checked_sub(self.written.len()) {
            Some(start) if length > 0 => self.unescaped.get(start..start + length),
            _ => self.written.get(start..start + length),
        };
        found.unwrap_or_default()
    }
}

impl Text {
    /// A text that costs nothing to make.
    pub const fn fixed(text: &'static str) -> Text {
        Text(Kept::Fixed(text))
    }

    /// A part of a document.
    pub(super) fn part(source: &Rc<Source>, part: Part) -> Text {
        Text(Kept::Part(source.clone(), part))
    }

    /// The text, to be kept by who shares none with this thread.
    pub fn to_shared(&self) -> Arc<str> {
        match &self.0 {
            Kept::Shared(text) => text.clone(),
            Kept::Fixed(_) | Kept::Own(_) | Kept::Part(..) => Arc::from(&**self),
        }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Kept::Own(text) => text,
            Kept::Shared(text) => text,
            Kept::Fixed(text) => text,
            Kept::Part(source, part) => source.text(*part),
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(Kept::Own(Rc::from(text)))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(Kept::Own(Rc::from(text)))
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Text {
        Text(Kept::Own(Rc::from(text)))
    }
}

impl From<Arc<str>> for Text {
    fn from(text: Arc<str>) -> Text {
        Text(Kept::Shared(text))
    }
}
