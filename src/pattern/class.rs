//! `[…]`: unions, `&&` intersections and ranges, with Java 17's precedence.

use super::ast::Node;
use super::charset::CharSet;
use super::error::SyntaxError;
use super::parser::Parser;
use super::unicode::{all_cased, fold, folding_to, to_lower, to_upper};

/// A class under construction.
///
/// Java collects the characters below U+0100 of one pair of brackets in one bit set, which parts already built refer to:
/// in `[a&&[b]&x]` the `x` also changes what stands left of `&&`. So they are put in at the very end.
enum Class {
    Set(CharSet),
    Bits,
    Union(Box<(Class, Class)>),
    And(Box<(Class, Class)>),
}

impl Class {
    fn resolve(self, bits: &CharSet) -> CharSet {
        // The left arm is as deep as the class is long: walk it, do not recurse.
        let (mut node, mut rest) = (self, Vec::new());
        let mut set = loop {
            match node {
                Class::Set(set) => break set,
                Class::Bits => break bits.clone(),
                Class::Union(pair) => {
                    rest.push((true, pair.1));
                    node = pair.0;
                }
                Class::And(pair) => {
                    rest.push((false, pair.1));
                    node = pair.0;
                }
            }
        };
        while let Some((union, right)) = rest.pop() {
            let right = match right {
                Class::Set(set) => set,
                _ => bits.clone(),
            };
            set = if union { set.union(&right) } else { set.intersect(&right) };
        }
        set
    }

    fn or(left: Option<Class>, right: Class) -> Option<Class> {
        Some(match left {
            None => right,
            Some(left) => Class::Union(Box::new((left, right))),
        })
    }
}

/// The right side of the last union, which `&&]` intersects with once more.
#[derive(Default)]
enum Last {
    #[default]
    None,
    Set(CharSet),
    Bits,
}

/// What one pair of brackets has come to so far.
#[derive(Default)]
struct Brackets {
    /// All that stands left of the latest `&&`.
    left: Option<Class>,
    /// The sets since then.
    sets: Vec<CharSet>,
    last: Last,
    bits: Vec<(u32, u32)>,
    /// Whether a bit was added since then.
    has_bits: bool,
    negated: bool,
}

impl Brackets {
    fn is_empty(&self) -> bool {
        self.left.is_none() && self.sets.is_empty() && !self.has_bits
    }

    fn add(&mut self, set: CharSet) {
        self.last = Last::Set(set.clone());
        self.sets.push(set);
    }

    /// Joins the sets at once: one by one would be quadratic.
    fn join_sets(&mut self) {
        if !self.sets.is_empty() {
            let ranges = self.sets.drain(..).flat_map(|set| set.ranges().to_vec()).collect();
            self.left = Class::or(self.left.take(), Class::Set(CharSet::new(ranges)));
        }
    }

    fn join_bits(&mut self) {
        if self.has_bits {
            if self.left.is_none() {
                self.last = Last::Bits;
            }
            self.left = Class::or(self.left.take(), Class::Bits);
            self.has_bits = false;
        }
    }

    /// Intersects with what stands right of `&&`; `None` when nothing stands on either side.
    fn intersect(&mut self, right: Option<CharSet>) -> Option<()> {
        self.join_bits();
        if let Some(right) = &right {
            self.last = Last::Set(right.clone());
        }
        let Some(left) = self.left.take() else {
            self.left = Some(Class::Set(right?));
            return Some(());
        };
        let right = match &self.last {
            Last::Set(set) => Class::Set(set.clone()),
            Last::Bits => Class::Bits,
            // Java would fail with a null pointer when it matches.
            Last::None => Class::Set(CharSet::default()),
        };
        self.left = Some(Class::And(Box::new((left, right))));
        Some(())
    }

    fn finish(mut self) -> CharSet {
        self.join_sets();
        self.join_bits();
        let bits = CharSet::new(self.bits);
        let set = self.left.map(|class| class.resolve(&bits)).unwrap_or_default();
        if self.negated { set.negate() } else { set }
    }
}

/// One item of a class.
enum Item {
    /// Goes to the bit set.
    Bit(u32),
    Set(CharSet),
}

impl Parser {
    /// Reads a class; the current character is the one before its first. Takes the `]` when `consume`.
    pub(super) fn class(&mut self, consume: bool) -> Result<CharSet, SyntaxError> {
        self.deeper()?;
        let mut brackets = Brackets::default();
        let mut c = self.reader.next();
        // Anywhere else it is an ordinary character.
        if c == u32::from('^') && self.reader.raw(self.reader.at.wrapping_sub(1)) == u32::from('[') {
            c = self.reader.next();
            brackets.negated = true;
        }
        loop {
            match char::from_u32(c) {
                Some('[') => {
                    brackets.add(self.class(true)?);
                    c = self.reader.peek();
                    continue;
                }
                Some('&') => {
                    c = self.reader.next();
                    if c == u32::from('&') {
                        brackets.join_sets();
                        let right = self.right_of_and(&mut c)?;
                        if brackets.intersect(right).is_none() {
                            return self.reader.error("Bad class syntax");
                        }
                        continue;
                    }
                    self.reader.unread();
                }
                Some('\0') if self.reader.at_end() => return self.reader.error("Unclosed character class"),
                Some(']') if !brackets.is_empty() => {
                    if consume {
                        self.reader.next();
                    }
                    break;
                }
                _ => {}
            }
            match self.class_item()? {
                Item::Bit(c) => {
                    (brackets.has_bits, brackets.last) = (true, Last::None);
                    self.add_bit(&mut brackets.bits, c);
                }
                Item::Set(set) => brackets.add(set),
            }
            c = self.reader.peek();
        }
        self.depth -= 1;
        Ok(brackets.finish())
    }

    /// What stands right of `&&`, up to the next `&&` or the end; `None` when nothing does.
    fn right_of_and(&mut self, c: &mut u32) -> Result<Option<CharSet>, SyntaxError> {
        *c = self.reader.next();
        let mut right: Option<CharSet> = None;
        while *c != u32::from(']') && *c != u32::from('&') {
            let set = if *c == u32::from('[') {
                self.class(true)?
            } else {
                self.reader.unread();
                self.class(false)?
            };
            right = Some(right.map_or(set.clone(), |right| right.union(&set)));
            *c = self.reader.peek();
        }
        Ok(right)
    }

    /// A character, an escape or a range.
    fn class_item(&mut self) -> Result<Item, SyntaxError> {
        let mut c = self.reader.peek();
        if c == u32::from('\\') {
            c = self.reader.next_raw();
            if c == u32::from('p') || c == u32::from('P') {
                return self.family(c == u32::from('P')).map(|set| Item::Set((*set).clone()));
            }
            let range = self.reader.raw(self.reader.at + 1) == u32::from('-');
            self.reader.unread();
            match self.escape(true, true, range)? {
                Node::Char(plain) => c = plain,
                Node::Set(set) => return Ok(Item::Set((*set).clone())),
                _ => return Ok(Item::Set(CharSet::default())),
            }
        } else {
            self.reader.next();
        }
        if self.reader.peek() == u32::from('-') {
            let end = self.reader.raw(self.reader.at + 1);
            if end != u32::from('[') && end != u32::from(']') {
                return self.range_from(c).map(Item::Set);
            }
        }
        Ok(self.bit_or_set(c))
    }

    fn range_from(&mut self, start: u32) -> Result<CharSet, SyntaxError> {
        self.reader.next();
        let mut end = self.reader.peek();
        let mut plain = true;
        if end == u32::from('\\') {
            match self.escape(true, false, true)? {
                Node::Char(c) => end = c,
                _ => plain = false,
            }
        } else {
            self.reader.next();
        }
        if !plain || end < start {
            return self.reader.error("Illegal character range");
        }
        Ok(self.range_variants(start, end))
    }

    /// Java's bit set holds U+0000–00FF, save for the letters whose case pairs lie elsewhere.
    fn bit_or_set(&self, c: u32) -> Item {
        let flags = self.reader.flags;
        let elsewhere = matches!(c, 0xFF | 0xB5 | 0x49 | 0x69 | 0x53 | 0x73 | 0x4B | 0x6B | 0xC5 | 0xE5);
        if c < 256 && !(flags.ignore_case && flags.unicode_case && elsewhere) {
            return Item::Bit(c);
        }
        Item::Set(self.variants(c).unwrap_or_else(|| CharSet::of(&[c])))
    }

    fn add_bit(&self, bits: &mut Vec<(u32, u32)>, c: u32) {
        let flags = self.reader.flags;
        bits.push((c, c));
        if flags.ignore_case && (c < 128 || flags.unicode_case) {
            let cases = if c < 128 { [ascii_upper(c), ascii_lower(c)] } else { [to_upper(c), to_lower(c)] };
            bits.extend(cases.map(|c| (c, c)));
        }
    }

    /// The characters that this one stands for when case does not count; `None` when it is only itself.
    pub(super) fn variants(&self, c: u32) -> Option<CharSet> {
        let flags = self.reader.flags;
        if !flags.ignore_case {
            return None;
        }
        if !flags.unicode_case {
            let letter = c < 128 && ascii_upper(c) != ascii_lower(c);
            return letter.then(|| CharSet::of(&[ascii_upper(c), ascii_lower(c)]));
        }
        let lower = fold(c);
        if to_upper(c) == lower {
            return None;
        }
        Some(CharSet::of(&folding_to(lower)))
    }

    /// As [`Parser::variants`], for a character in a run of several: Java compares those in another way, so that here `ß`
    /// takes `ẞ`, which it does not alone.
    pub(super) fn variants_in_run(&self, c: u32) -> Option<CharSet> {
        let flags = self.reader.flags;
        self.variants(c).or_else(|| {
            let set = CharSet::of(&folding_to(fold(c)));
            (flags.ignore_case && flags.unicode_case && set != CharSet::of(&[c])).then_some(set)
        })
    }

    fn range_variants(&self, start: u32, end: u32) -> CharSet {
        let flags = self.reader.flags;
        let mut ranges = vec![(start, end)];
        let inside = |c: u32| (start..=end).contains(&c);
        if flags.ignore_case && flags.unicode_case {
            let more = all_cased().iter().filter(|entry| inside(entry.upper) || inside(entry.fold));
            ranges.extend(more.map(|entry| (entry.c, entry.c)));
        } else if flags.ignore_case {
            let more = (0..128).filter(|&c| inside(ascii_upper(c)) || inside(ascii_lower(c)));
            ranges.extend(more.map(|c| (c, c)));
        }
        CharSet::new(ranges)
    }
}

fn ascii_upper(c: u32) -> u32 {
    if (0x61..=0x7A).contains(&c) { c - 32 } else { c }
}

fn ascii_lower(c: u32) -> u32 {
    if (0x41..=0x5A).contains(&c) { c + 32 } else { c }
}
