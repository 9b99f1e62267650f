//! The character database as Java 17 has it (Unicode 13), read from `unicode/*.txt`.
//!
//! `tests/differential/UnicodeTables.java` writes those files from a running Java. Newer tables, such as those inside the
//! `regex` crate, would call some characters letters that are unassigned to the gateway's Java.

use std::cmp::Ordering;
use std::io::Read;
use std::sync::OnceLock;

use flate2::read::GzDecoder;
use rustc_hash::FxHashMap;

use super::charset::CharSet;

const CATEGORIES: &str = include_str!("unicode/categories.txt");
const SCRIPTS: &str = include_str!("unicode/scripts.txt");
const BLOCKS: &str = include_str!("unicode/blocks.txt");
const PROPERTIES: &str = include_str!("unicode/properties.txt");
const CASES: &str = include_str!("unicode/cases.txt");
const NAMES: &[u8] = include_bytes!("unicode/names.txt.gz");

/// The code points of a general category of two letters.
pub(super) fn category(code: &str) -> Option<CharSet> {
    find(CATEGORIES, code)
}

/// The code points of any of these general categories.
pub(super) fn categories(codes: &[&str]) -> CharSet {
    codes.iter().filter_map(|code| category(code)).fold(CharSet::default(), |all, set| all.union(&set))
}

/// The code points of a script, by its name or its ISO code in any letter case.
pub(super) fn script(name: &str) -> Option<CharSet> {
    find(SCRIPTS, &name.to_uppercase())
}

/// The code points of a block, by any of its names in any letter case.
pub(super) fn block(name: &str) -> Option<CharSet> {
    find(BLOCKS, &name.to_uppercase())
}

/// The code points of one of the lines of `properties.txt`.
pub(super) fn property(name: &str) -> CharSet {
    find(PROPERTIES, name).unwrap_or_default()
}

fn find(table: &str, name: &str) -> Option<CharSet> {
    let line = table.lines().find_map(|line| {
        let (names, ranges) = line.split_once(':')?;
        names.split(',').any(|n| n == name).then_some(ranges)
    })?;
    Some(CharSet::new(ranges(line)))
}

/// `GAP` or `GAP+MORE`, in hexadecimal, each counted from the end of the one before.
fn ranges(line: &str) -> Vec<(u32, u32)> {
    let mut next = 0;
    line.split_ascii_whitespace()
        .map(|token| {
            let (gap, more) = token.split_once('+').unwrap_or((token, "0"));
            let start = next + hex(gap);
            let end = start + hex(more);
            next = end + 1;
            (start, end)
        })
        .collect()
}

fn hex(digits: &str) -> u32 {
    u32::from_str_radix(digits, 16).unwrap_or(0)
}

/// `Character.toUpperCase(int)`
pub(super) fn to_upper(c: u32) -> u32 {
    cased(c).map_or(c, |entry| entry.upper)
}

/// `Character.toLowerCase(int)`
pub(super) fn to_lower(c: u32) -> u32 {
    cased(c).map_or(c, |entry| entry.lower)
}

/// How Java compares letters when case does not count: `toLowerCase(toUpperCase(c))`.
pub(super) fn fold(c: u32) -> u32 {
    cased(c).map_or(c, |entry| entry.fold)
}

/// A character whose upper or lower case is another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cased {
    pub(super) c: u32,
    pub(super) upper: u32,
    lower: u32,
    /// See [`fold`].
    pub(super) fold: u32,
}

fn cased(c: u32) -> Option<&'static Cased> {
    let all = all_cased();
    all.binary_search_by(|entry| entry.c.cmp(&c)).ok().map(|at| &all[at])
}

/// All of them, in order.
pub(super) fn all_cased() -> &'static [Cased] {
    static ALL: OnceLock<Vec<Cased>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: Vec<Cased> = CASES.lines().filter_map(case_run).flatten().collect();
        all.sort_unstable_by_key(|entry| entry.c);
        let lower = |c: u32| all.binary_search_by_key(&c, |entry| entry.c).map_or(c, |at| all[at].lower);
        let folds: Vec<u32> = all.iter().map(|entry| lower(entry.upper)).collect();
        all.iter().zip(folds).map(|(entry, fold)| Cased { fold, ..*entry }).collect()
    })
}

/// The characters that fold to this one, itself included.
pub(super) fn folding_to(lower: u32) -> Vec<u32> {
    static BY_FOLD: OnceLock<Vec<(u32, u32)>> = OnceLock::new();
    let all = BY_FOLD.get_or_init(|| {
        let mut all: Vec<(u32, u32)> = all_cased().iter().map(|entry| (entry.fold, entry.c)).collect();
        all.sort_unstable();
        all
    });
    let start = all.partition_point(|&(fold, _)| fold < lower);
    let same = all[start..].iter().take_while(|&&(fold, _)| fold == lower);
    same.map(|&(_, c)| c).chain([lower]).collect()
}

/// Whether a block has this name among the constants of `Character.UnicodeBlock`: it is the last of its names.
fn is_block_constant(name: &str) -> bool {
    BLOCKS.lines().filter_map(|line| line.split(':').next()).any(|names| names.rsplit(',').next() == Some(name))
}

/// `START+MORE*STRIDE:TO_UPPER:TO_LOWER`, in hexadecimal; the differences are signed.
fn case_run(line: &str) -> Option<impl Iterator<Item = Cased>> {
    let mut fields = line.split(':');
    let (start, run) = fields.next()?.split_once('+')?;
    let (more, stride) = run.split_once('*')?;
    let (start, more, stride) = (hex(start), u32::from_str_radix(more, 16).ok()?, hex(stride));
    let upper = i32::from_str_radix(fields.next()?, 16).ok()?;
    let lower = i32::from_str_radix(fields.next()?, 16).ok()?;
    Some((0..=more).map(move |i| {
        let c = start + i * stride;
        Cased { c, upper: c.wrapping_add_signed(upper), lower: c.wrapping_add_signed(lower), fold: c }
    }))
}

/// What a word boundary looks at, without and with the `U` flag, and the marks that belong to what stands before them.
pub(super) struct WordSets {
    pub(super) letter_or_digit: CharSet,
    pub(super) unicode_word: CharSet,
    pub(super) mark: CharSet,
}

/// The sets that `\b` needs.
pub(super) fn word_sets() -> &'static WordSets {
    static SETS: OnceLock<WordSets> = OnceLock::new();
    SETS.get_or_init(|| WordSets {
        letter_or_digit: categories(&["Lu", "Ll", "Lt", "Lm", "Lo", "Nd"]).union(&CharSet::of(&['_' as u32])),
        unicode_word: unicode_word(),
        mark: categories(&["Mn"]),
    })
}

/// `\w` with the `U` flag.
pub(super) fn unicode_word() -> CharSet {
    property("Alphabetic").union(&categories(&["Mn", "Me", "Mc", "Nd", "Pc"])).union(&CharSet::range(0x200C, 0x200D))
}

/// How a code point takes part in a grapheme cluster (UAX #29).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grapheme {
    Other,
    Cr,
    Lf,
    Control,
    Extend,
    Zwj,
    Regional,
    Prepend,
    Spacing,
    L,
    V,
    T,
    Lv,
    Lvt,
    Pictographic,
}

/// The grapheme class of the code point.
pub(super) fn grapheme(c: u32) -> Grapheme {
    static TABLE: OnceLock<Vec<(u32, u32, Grapheme)>> = OnceLock::new();
    match c {
        0x0D => return Grapheme::Cr,
        0x0A => return Grapheme::Lf,
        0x20..=0x7E => return Grapheme::Other,
        0xAC00..=0xD7A3 if (c - 0xAC00).is_multiple_of(28) => return Grapheme::Lv,
        0xAC00..=0xD7A3 => return Grapheme::Lvt,
        _ => {}
    }
    let table = TABLE.get_or_init(grapheme_table);
    let at = table.binary_search_by(|&(start, end, _)| match () {
        () if end < c => Ordering::Less,
        () if start > c => Ordering::Greater,
        () => Ordering::Equal,
    });
    at.map_or(Grapheme::Other, |at| table[at].2)
}

fn grapheme_table() -> Vec<(u32, u32, Grapheme)> {
    let classes = [
        ("CONTROL", Grapheme::Control),
        ("EXTEND", Grapheme::Extend),
        ("ZWJ", Grapheme::Zwj),
        ("RI", Grapheme::Regional),
        ("PREPEND", Grapheme::Prepend),
        ("SPACINGMARK", Grapheme::Spacing),
        ("L", Grapheme::L),
        ("V", Grapheme::V),
        ("T", Grapheme::T),
        ("EXTENDED_PICTOGRAPHIC", Grapheme::Pictographic),
    ];
    let mut table = Vec::new();
    for (name, class) in classes {
        let set = property(&format!("Grapheme_{name}"));
        table.extend(set.ranges().iter().map(|&(start, end)| (start, end, class)));
    }
    table.sort_unstable_by_key(|entry| entry.0);
    table
}

/// `Character.codePointOf`: a character's name in any letter case, or its block's name and its number.
pub(super) fn by_name(name: &str) -> Option<u32> {
    static NAMES: OnceLock<FxHashMap<String, u32>> = OnceLock::new();
    let name = name.trim_matches(|c| c <= ' ').to_uppercase();
    if let Some(&c) = NAMES.get_or_init(read_names).get(&name) {
        return Some(c);
    }
    let (block_name, number) = name.rsplit_once(' ')?;
    let c = u32::from_str_radix(number, 16).ok()?;
    // Only the characters without a name of their own are called so: by the constant of their block, without underscores.
    let constant = block_name.replace(' ', "_");
    let exact = number == format!("{c:X}") && !block_name.contains('_') && is_block_constant(&constant);
    let unnamed = !NAMES.get_or_init(read_names).values().any(|&named| named == c);
    (exact && unnamed && block(&constant)?.contains(c) && !category("Cn")?.contains(c)).then_some(c)
}

/// Lines of `GAP NAME`, the gap in hexadecimal.
fn read_names() -> FxHashMap<String, u32> {
    let mut text = String::new();
    if GzDecoder::new(NAMES).read_to_string(&mut text).is_err() {
        return FxHashMap::default();
    }
    let mut c = 0;
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(gap, name)| {
            c += hex(gap);
            (name.to_owned(), c)
        })
        .collect()
}
