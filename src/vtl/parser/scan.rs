//! Look-ahead: whether the coming tokens begin a construct, tried out as the generated parser does.
//!
//! A scan succeeds once it has matched as many tokens as its limit asks for, or the whole construct.

use super::super::error::{Error, ErrorKind};
use super::super::token::Kind;
use super::tokens::{Parsed, Parser};

/// How many tokens all look-aheads may visit: a range that nests others is looked at twice per level.
const SCANS: usize = 2_000_000;

/// How a scan ends early.
enum Stop {
    /// As many tokens matched as were asked for.
    Enough,
    /// The tokens do not fit.
    Mismatch,
    /// The template cannot be read on.
    Failed(Box<Error>),
}

type Scan = Result<(), Stop>;

/// Where a scan is, and where it may stop.
#[derive(Clone, Copy)]
struct Cursor {
    at: usize,
    enough: usize,
}

impl Parser<'_, '_> {
    /// `[n..m]` rather than `[a, b]`.
    pub(super) fn range_follows(&mut self) -> Parsed<bool> {
        self.scan(usize::MAX, |parser, cursor| {
            parser.expect(cursor, Kind::ListOpen)?;
            parser.optional(cursor, Kind::Whitespace)?;
            parser.scan_bound(cursor)?;
            parser.optional(cursor, Kind::Whitespace)?;
            parser.expect(cursor, Kind::DoubleDot)
        })
    }

    /// Another argument of a directive.
    pub(super) fn directive_argument_follows(&mut self) -> Parsed<bool> {
        self.scan(2, |parser, cursor| {
            parser.optional(cursor, Kind::Whitespace)?;
            let before = *cursor;
            if parser.tried(cursor, before, |p, c| p.expect(c, Kind::Comma))? {
                parser.optional(cursor, Kind::Whitespace)?;
            }
            parser.scan_directive_argument(cursor)
        })
    }

    /// A map with entries rather than an empty one.
    pub(super) fn map_entry_follows(&mut self) -> Parsed<bool> {
        self.scan(2, |parser, cursor| {
            parser.scan_parameter(cursor)?;
            parser.expect(cursor, Kind::Colon)
        })
    }

    /// `.name`
    pub(super) fn step_follows(&mut self) -> Parsed<bool> {
        self.scan(2, |parser, cursor| {
            parser.expect(cursor, Kind::Dot)?;
            parser.expect(cursor, Kind::Identifier)
        })
    }

    /// `name(` and what can come after it.
    pub(super) fn method_follows(&mut self) -> Parsed<bool> {
        self.scan(3, Self::scan_method)
    }

    fn scan(&mut self, tokens: usize, rule: impl Fn(&mut Self, &mut Cursor) -> Scan) -> Parsed<bool> {
        let mut cursor = Cursor { at: self.at, enough: self.at.saturating_add(tokens) };
        match rule(self, &mut cursor) {
            Ok(()) | Err(Stop::Enough) => Ok(true),
            Err(Stop::Mismatch) => Ok(false),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    fn expect(&mut self, cursor: &mut Cursor, kind: Kind) -> Scan {
        self.scanned += 1;
        if self.scanned > SCANS {
            let message = format!("more than {SCANS} steps of looking ahead");
            return Err(Stop::Failed(self.place.error(ErrorKind::Limit, self.offset(self.at), message)));
        }
        if self.fetch(cursor.at).map_err(Stop::Failed)? != kind {
            return Err(Stop::Mismatch);
        }
        cursor.at += 1;
        if cursor.at == cursor.enough { Err(Stop::Enough) } else { Ok(()) }
    }

    /// Tries a rule; on a mismatch goes back.
    fn tried(
        &mut self,
        cursor: &mut Cursor,
        before: Cursor,
        rule: impl Fn(&mut Self, &mut Cursor) -> Scan,
    ) -> Result<bool, Stop> {
        match rule(self, cursor) {
            Ok(()) => Ok(true),
            Err(Stop::Mismatch) => {
                *cursor = before;
                Ok(false)
            }
            Err(stop) => Err(stop),
        }
    }

    fn optional(&mut self, cursor: &mut Cursor, kind: Kind) -> Scan {
        let before = *cursor;
        self.tried(cursor, before, |p, c| p.expect(c, kind)).map(|_| ())
    }

    /// The first rule that matches.
    fn any_of(&mut self, cursor: &mut Cursor, rules: &[fn(&mut Self, &mut Cursor) -> Scan]) -> Scan {
        let before = *cursor;
        // In the grammar's order: a scan that may stop after two tokens is decided by the first rule that gets so far.
        for rule in rules {
            if self.tried(cursor, before, rule)? {
                return Ok(());
            }
        }
        Err(Stop::Mismatch)
    }

    fn scan_directive_argument(&mut self, cursor: &mut Cursor) -> Scan {
        self.any_of(
            cursor,
            &[
                Self::scan_reference,
                |p, c| p.expect(c, Kind::Word),
                |p, c| p.expect(c, Kind::Quoted),
                |p, c| p.expect(c, Kind::Integer),
                Self::scan_range,
                |p, c| p.expect(c, Kind::Float),
                Self::scan_map,
                Self::scan_list,
                |p, c| p.expect(c, Kind::True),
                |p, c| p.expect(c, Kind::False),
            ],
        )
    }

    fn scan_parameter(&mut self, cursor: &mut Cursor) -> Scan {
        self.optional(cursor, Kind::Whitespace)?;
        self.enter().map_err(Stop::Failed)?;
        let found = self.any_of(
            cursor,
            &[
                |p, c| p.expect(c, Kind::Quoted),
                |p, c| p.expect(c, Kind::Integer),
                Self::scan_range,
                Self::scan_map,
                Self::scan_list,
                |p, c| p.expect(c, Kind::True),
                |p, c| p.expect(c, Kind::False),
                Self::scan_reference,
                |p, c| p.expect(c, Kind::Float),
            ],
        );
        self.leave();
        found?;
        self.optional(cursor, Kind::Whitespace)
    }

    /// Zero or more parameters with commas between them.
    fn scan_parameters(&mut self, cursor: &mut Cursor) -> Scan {
        let before = *cursor;
        if !self.tried(cursor, before, Self::scan_parameter)? {
            return Ok(());
        }
        loop {
            let before = *cursor;
            let more = self.tried(cursor, before, |p, c| {
                p.expect(c, Kind::Comma)?;
                p.scan_parameter(c)
            })?;
            if !more {
                return Ok(());
            }
        }
    }

    fn scan_list(&mut self, cursor: &mut Cursor) -> Scan {
        self.expect(cursor, Kind::ListOpen)?;
        self.scan_parameters(cursor)?;
        self.expect(cursor, Kind::ListClose)
    }

    fn scan_bound(&mut self, cursor: &mut Cursor) -> Scan {
        self.any_of(cursor, &[Self::scan_reference, |p, c| p.expect(c, Kind::Integer)])
    }

    fn scan_range(&mut self, cursor: &mut Cursor) -> Scan {
        self.expect(cursor, Kind::ListOpen)?;
        self.optional(cursor, Kind::Whitespace)?;
        self.scan_bound(cursor)?;
        self.optional(cursor, Kind::Whitespace)?;
        self.expect(cursor, Kind::DoubleDot)?;
        self.optional(cursor, Kind::Whitespace)?;
        self.scan_bound(cursor)?;
        self.optional(cursor, Kind::Whitespace)?;
        self.expect(cursor, Kind::ListClose)
    }

    fn scan_map(&mut self, cursor: &mut Cursor) -> Scan {
        fn entry(parser: &mut Parser<'_, '_>, cursor: &mut Cursor) -> Scan {
            parser.scan_parameter(cursor)?;
            parser.expect(cursor, Kind::Colon)?;
            parser.scan_parameter(cursor)
        }
        self.expect(cursor, Kind::MapOpen)?;
        let before = *cursor;
        if self.tried(cursor, before, |p, c| entry(p, c))? {
            loop {
                let before = *cursor;
                let more = self.tried(cursor, before, |p, c| {
                    p.expect(c, Kind::Comma)?;
                    entry(p, c)
                })?;
                if !more {
                    break;
                }
            }
        } else {
            self.optional(cursor, Kind::Whitespace)?;
        }
        self.any_of(cursor, &[|p, c| p.expect(c, Kind::MapClose), |p, c| p.expect(c, Kind::CurlyClose)])
    }

    fn scan_reference(&mut self, cursor: &mut Cursor) -> Scan {
        let before = *cursor;
        if self.tried(cursor, before, Self::scan_path)? {
            return Ok(());
        }
        self.expect(cursor, Kind::CurlyOpen)?;
        self.scan_path(cursor)?;
        self.expect(cursor, Kind::CurlyClose)
    }

    /// A name with its steps.
    fn scan_path(&mut self, cursor: &mut Cursor) -> Scan {
        self.expect(cursor, Kind::Identifier)?;
        self.scan_indexes(cursor)?;
        loop {
            let before = *cursor;
            if !self.tried(cursor, before, Self::scan_step)? {
                return Ok(());
            }
        }
    }

    fn scan_step(&mut self, cursor: &mut Cursor) -> Scan {
        self.expect(cursor, Kind::Dot)?;
        self.any_of(cursor, &[Self::scan_method, |p, c| p.expect(c, Kind::Identifier)])?;
        self.scan_indexes(cursor)
    }

    fn scan_indexes(&mut self, cursor: &mut Cursor) -> Scan {
        loop {
            let before = *cursor;
            if !self.tried(cursor, before, Self::scan_index)? {
                return Ok(());
            }
        }
    }

    fn scan_index(&mut self, cursor: &mut Cursor) -> Scan {
        self.expect(cursor, Kind::IndexOpen)?;
        self.optional(cursor, Kind::Whitespace)?;
        self.enter().map_err(Stop::Failed)?;
        let found = self.any_of(
            cursor,
            &[
                |p, c| p.expect(c, Kind::Quoted),
                |p, c| p.expect(c, Kind::Integer),
                |p, c| p.expect(c, Kind::True),
                |p, c| p.expect(c, Kind::False),
                Self::scan_reference,
            ],
        );
        self.leave();
        found?;
        self.optional(cursor, Kind::Whitespace)?;
        self.expect(cursor, Kind::IndexClose)
    }

    fn scan_method(&mut self, cursor: &mut Cursor) -> Scan {
        self.expect(cursor, Kind::Identifier)?;
        self.expect(cursor, Kind::ParenOpen)?;
        self.scan_parameters(cursor)?;
        self.expect(cursor, Kind::MethodClose)
    }
}
