//! `[…]`: unions, `&&` intersections and ranges, with Java 17's precedence.

use super::ast::Node;
use super::charset::CharSet;
use super::error::SyntaxError;
use super::escape::Escaped;
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
enum Last {
    None,
    Set(CharSet),
    Bits,
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
        let (mut left, mut last, mut negated, mut has_bits) = (None, Last::None, false, false);
        let mut bits: Vec<(u32, u32)> = Vec::new();
        let mut sets: Vec<CharSet> = Vec::new();
        let mut c = self.reader.next();
        loop {
            match char::from_u32(c) {
                Some('^') if self.reader.raw(self.reader.at.wrapping_sub(1)) == u32::from('[') => {
                    c = self.reader.next();
                    negated = true;
                    continue;
                }
                Some('[') => {
                    let set = self.class(true)?;
                    last = Last::Set(set.clone());
                    sets.push(set);
                    c = self.reader.peek();
                    continue;
                }
                Some('&') => {
                    c = self.reader.next();
                    if c == u32::from('&') {
                        left = flush(left, &mut sets);
                        let right = self.right_of_and(&mut c)?;
                        if has_bits {
                            if left.is_none() {
                                last = Last::Bits;
                            }
                            left = Class::or(left, Class::Bits);
                            has_bits = false;
                        }
                        left = Some(self.intersection(left, right, &mut last)?);
                        continue;
                    }
                    self.reader.unread();
                }
                Some('\0') if self.reader.at_end() => return self.reader.error("Unclosed character class"),
                Some(']') if left.is_some() || !sets.is_empty() || has_bits => {
                    if consume {
                        self.reader.next();
                    }
                    break;
                }
                _ => {}
            }
            match self.class_item()? {
                Item::Bit(c) => {
                    has_bits = true;
                    last = Last::None;
                    self.add_bit(&mut bits, c);
                }
                Item::Set(set) => {
                    last = Last::Set(set.clone());
                    sets.push(set);
                }
            }
            c = self.reader.peek();
        }
        left = flush(left, &mut sets);
        if has_bits {
            left = Class::or(left, Class::Bits);
        }
        self.depth -= 1;
        let set = left.map(|class| class.resolve(&CharSet::new(bits))).unwrap_or_default();
        Ok(if negated { set.negate() } else { set })
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

    fn intersection(&self, left: Option<Class>, right: Option<CharSet>, last: &mut Last) -> Result<Class, SyntaxError> {
        if let Some(right) = &right {
            *last = Last::Set(right.clone());
        }
        let Some(left) = left else {
            return match right {
                Some(right) => Ok(Class::Set(right)),
                None => self.reader.error("Bad class syntax"),
            };
        };
        let right = match last {
            Last::Set(set) => Class::Set(set.clone()),
            Last::Bits => Class::Bits,
            // Java would fail with a null pointer when it matches.
            Last::None => Class::Set(CharSet::default()),
        };
        Ok(Class::And(Box::new((left, right))))
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
                Escaped::Char(plain) => c = plain,
                Escaped::Node(Node::Set(set)) => return Ok(Item::Set((*set).clone())),
                Escaped::Node(_) => return Ok(Item::Set(CharSet::default())),
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
                Escaped::Char(c) => end = c,
                Escaped::Node(_) => plain = false,
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

/// All sets collected so far, joined at once: one by one would be quadratic.
fn flush(left: Option<Class>, sets: &mut Vec<CharSet>) -> Option<Class> {
    if sets.is_empty() {
        return left;
    }
    let ranges = sets.drain(..).flat_map(|set| set.ranges().to_vec()).collect();
    Class::or(left, Class::Set(CharSet::new(ranges)))
}

fn ascii_upper(c: u32) -> u32 {
    if (0x61..=0x7A).contains(&c) { c - 32 } else { c }
}

fn ascii_lower(c: u32) -> u32 {
    if (0x41..=0x5A).contains(&c) { c + 32 } else { c }
}
