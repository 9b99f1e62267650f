//! Reads the strings of a JSON document while it is still being received, each part while it is in the processor's cache.
//!
//! A string's text takes the place of the string in the buffer, so there is no second one, and text without escapes stays where it
//! is. Nothing else is looked at: whoever reads the document at its end does so as ever, and finds the strings read. Where the document
//! itself may be wanted at its end, what texts are written over is kept aside.

use bytes::Bytes;

use super::simd::{Level, Stops};
use super::unescape::{Unicode, unicode};

/// So many strings are kept in mind; more are read at the end, as if there had been no reading ahead.
const MOST: usize = 4_096;
/// Of a function's reply there are about so many.
const FEW: usize = 12;
/// So much is kept aside at once: a string is mostly shorter than what has come.
const KEPT_AT_ONCE: usize = 4_096;

/// Whether the strings of a document are read while it comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ahead {
    /// They are not.
    #[default]
    No,
    /// They are.
    Strings,
    /// They are, and the document as it came can be had.
    Restorable,
}

/// A string that was read: its text stands at `start..start + length`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Behind its opening quote.
    pub start: usize,
    /// The length of its text.
    pub length: usize,
    /// Where its closing quote is.
    pub end: usize,
}

/// What was read ahead of a document.
#[derive(Debug, Clone, Default)]
pub struct ReadAhead {
    /// All before is read, and is UTF-8.
    at: usize,
    /// All before is UTF-8.
    known: usize,
    open: Option<Open>,
    found: Vec<Found>,
    stopped: bool,
    not_utf8: bool,
    kept: Option<Box<Kept>>,
}

/// What texts may have been written over.
#[derive(Debug, Clone, Default)]
struct Kept {
    bytes: Vec<u8>,
    /// Where each run of the bytes stood, and its length.
    runs: Vec<(usize, usize)>,
}

impl Kept {
    fn push(&mut self, start: usize, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        match self.runs.last_mut() {
            Some((first, length)) if *first + *length == start => *length += bytes.len(),
            _ => self.runs.push((start, bytes.len())),
        }
    }

    /// Takes the last bytes away.
    fn shorten(&mut self, by: usize) {
        self.bytes.truncate(self.bytes.len() - by);
        if let Some((_, length)) = self.runs.last_mut() {
            *length -= by;
        }
    }
}

/// A string whose end has not come yet.
#[derive(Debug, Clone, Copy)]
struct Open {
    start: usize,
    written: usize,
    escaped: bool,
}

impl ReadAhead {
    /// That of a document of which nothing has come.
    pub fn new(ahead: Ahead) -> Option<ReadAhead> {
        match ahead {
            Ahead::No => None,
            Ahead::Strings => Some(ReadAhead::default()),
            Ahead::Restorable => Some(ReadAhead { kept: Some(Box::default()), ..ReadAhead::default() }),
        }
    }

    /// The document as it came, which has to be [`Ahead::Restorable`].
    pub fn restored(&self, document: &Bytes) -> Bytes {
        let Some(kept) = self.kept.as_ref().filter(|kept| !kept.runs.is_empty()) else { return document.clone() };
        let (mut restored, mut from) = (document.to_vec(), 0);
        for (start, length) in &kept.runs {
            restored[*start..*start + *length].copy_from_slice(&kept.bytes[from..from + *length]);
            from += *length;
        }
        restored.into()
    }

    /// Reads on. `received` is the document's beginning as far as it has come; what was handed in before must be its beginning, at
    /// another address perhaps, with the changes that were made to it.
    pub fn advance(&mut self, received: &mut [u8]) {
        while !self.stopped {
            let more = match self.open {
                None => self.find_string(received),
                Some(open) => self.read_string(open, received),
            };
            if !more {
                return;
            }
        }
    }

    /// Up to here the document is UTF-8; from here on it is as it was received.
    pub fn end(&self) -> usize {
        self.at
    }

    /// Whether something was found not to be UTF-8.
    pub fn is_not_utf8(&self) -> bool {
        self.not_utf8
    }

    /// Where the string begins that has no end, or cannot be read on.
    pub fn unended(&self) -> Option<usize> {
        self.open.map(|open| open.start)
    }

    /// The strings that were read, in their order.
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// Goes on to behind the next quote; gives false when none has come.
    fn find_string(&mut self, received: &[u8]) -> bool {
        let rest = &received[self.at..];
        let quote = memchr::memchr(b'"', rest);
        let between = quote.unwrap_or(rest.len());
        // Outside of strings only ASCII is JSON.
        if self.found.len() == MOST || !rest[..between].is_ascii() {
            self.stopped = true;
            return false;
        }
        self.at += between;
        if quote.is_some() {
            self.at += 1;
            self.open = Some(Open { start: self.at, written: self.at, escaped: false });
        }
        quote.is_some()
    }

    /// Goes on in a string; gives false when all that came is read.
    fn read_string(&mut self, mut open: Open, received: &mut [u8]) -> bool {
        let ascii = self.at >= self.known;
        let mut limit = if ascii { received.len() } else { self.known };
        let level = Level::best();
        if open.written == self.at && !open.escaped {
            // Up to the first backslash the text is where it belongs.
            let stops = if ascii { Stops::JsonAndNonAscii } else { Stops::Json };
            self.at += level.scan(&received[self.at..limit], stops);
            open.written = self.at;
        }
        if open.written < self.at || open.escaped || received[..limit].get(self.at) == Some(&b'\\') {
            if let Some(kept) = &mut self.kept {
                limit = limit.min(self.at + KEPT_AT_ONCE);
                kept.push(self.at, &received[self.at..limit]);
            }
            let progress = level.unescape_within(&mut received[..limit], self.at, open.written, open.escaped, ascii);
            if let Some(kept) = &mut self.kept {
                kept.shorten(limit - self.at - progress.read);
            }
            self.at += progress.read;
            open.written += progress.written;
            open.escaped = progress.escaped;
        }
        self.open = Some(open);
        self.at < received.len() && (self.at == limit || self.look(open, received))
    }

    /// Looks at the byte that is not simple; gives false when more must come.
    fn look(&mut self, mut open: Open, received: &mut [u8]) -> bool {
        match received[self.at] {
            b'u' if open.escaped => match unicode(&received[self.at..]) {
                Unicode::Read(c, length) => {
                    if let Some(kept) = &mut self.kept {
                        kept.push(self.at, &received[self.at..self.at + length]);
                    }
                    open.written += c.encode_utf8(&mut received[open.written..]).len();
                    open.escaped = false;
                    self.at += length;
                    self.open = Some(open);
                }
                Unicode::Cut => return false,
                Unicode::Broken => self.stopped = true,
            },
            b'"' => {
                if self.found.is_empty() {
                    self.found.reserve(FEW);
                }
                self.found.push(Found { start: open.start, length: open.written - open.start, end: self.at });
                self.open = None;
                self.at += 1;
            }
            0x80.. if !open.escaped => return self.check_utf8(received),
            _ => self.stopped = true,
        }
        true
    }

    /// Checks all that came from here on; gives false when it is but the beginning of a character.
    fn check_utf8(&mut self, received: &[u8]) -> bool {
        match simdutf8::compat::from_utf8(&received[self.at..]) {
            Ok(_) => self.known = received.len(),
            Err(e) if e.error_len().is_none() => self.known = self.at + e.valid_up_to(),
            Err(_) => (self.not_utf8, self.stopped) = (true, true),
        }
        self.known > self.at || self.stopped
    }
}
