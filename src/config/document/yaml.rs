//! YAML 1.2 (core schema) to a `Node`: anchors, merge keys and CloudFormation tags included, every expansion bounded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};
use smol_str::SmolStr;

use super::fault::Fault;
use super::limit::{DEPTH, NODES};
use super::node::{Block, Data, Entries, Mark, Node, Origin};
use super::plain_yaml;
use super::scalar::resolve;

/// Reads one document. What is wrong but can be read all the same (a key twice) goes to `faults`.
pub(crate) fn parse(text: &str, origin: &Arc<Origin>, faults: &mut Vec<Fault>) -> Result<Node, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    plain_yaml::parse(text, origin).map_or_else(|| whole(text, origin, faults), Ok)
}

/// The same, whatever of YAML is in it.
fn whole(text: &str, origin: &Arc<Origin>, faults: &mut Vec<Fault>) -> Result<Node, Fault> {
    let mut text = Cow::Borrowed(text);
    let known = faults.len();
    let mut work = 0;
    let mut first = None;
    loop {
        let fault = match build(&text, origin, faults) {
            Ok(node) => return Ok(node),
            Err(fault) => fault,
        };
        // A quoted text is reported where it begins: the lines after it are meant.
        let line = fault.line + usize::from(fault.message.ends_with("quoted scalar"));
        let mendable = fault.message.starts_with(OUTDENTED) && work < OUTDENTED_WORK;
        let padded = if mendable { pad(&text, line) } else { None };
        let first = first.get_or_insert(fault);
        let Some(padded) = padded else { return Err(first.clone()) };
        faults.truncate(known);
        work += padded.len();
        text = Cow::Owned(padded);
    }
}

/// What the parser says of a line of a flow collection, or of a quoted text, that is indented less than what it stands in.
/// The standard says so too; but every reader that AWS's tools are made of takes such a line, and many templates have one.
const OUTDENTED: &str = "invalid indentation";
/// Most bytes that are read again because of such lines.
const OUTDENTED_WORK: usize = 64 * 1024 * 1024;

/// The text with that line indented, or the next one that is not yet.
fn pad(text: &str, line: usize) -> Option<String> {
    let mut start = match line {
        0 | 1 => 0,
        _ => memchr::memchr_iter(b'\n', text.as_bytes()).nth(line - 2)? + 1,
    };
    let padding = " ".repeat(2 * DEPTH);
    while text[start..].starts_with(&padding) {
        start += memchr::memchr(b'\n', &text.as_bytes()[start..])? + 1;
    }
    Some(format!("{}{padding}{}", &text[..start], &text[start..]))
}

fn build(text: &str, origin: &Arc<Origin>, faults: &mut Vec<Fault>) -> Result<Node, Fault> {
    let lines = Lines::of(text);
    let mut builder =
        Builder { lines, origin, faults, frames: Vec::new(), anchors: HashMap::new(), root: None, nodes: 0 };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event
            .map_err(|e| Fault::new(e.marker().line(), e.info().to_lowercase()).at(builder.lines.column(e.marker())))?;
        if matches!(event, Event::StreamEnd) {
            break;
        }
        builder.take(event, span)?;
    }
    Ok(builder.root.unwrap_or_else(|| Node::new(origin, 0, Data::Null)))
}

/// From so many characters on a line is not one that people read.
const LONG: usize = 10_000;

/// The lines of a text: where in them something stands.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    padding: String,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Lines<'a> {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let starts = std::iter::once(0).chain(ends.map(|end| end + 1)).collect();
        Lines { text, starts, padding: " ".repeat(2 * DEPTH) }
    }

    /// What follows from the beginning of a line on.
    fn from(&self, line: usize) -> Option<&'a str> {
        self.text.get(*self.starts.get(line.checked_sub(1)?)?..)
    }

    /// The column, from 1, without the padding that was put in.
    fn column(&self, marker: &Marker) -> usize {
        let is_padded = marker.col() >= self.padding.len()
            && self.from(marker.line()).is_some_and(|text| text.starts_with(&self.padding));
        marker.col() + 1 - if is_padded { self.padding.len() } else { 0 }
    }

    /// What stands in its first line, without the blanks behind it.
    fn mark(&self, span: &Span) -> Mark {
        let start = self.column(&span.start);
        let most = match span.end.line() == span.start.line() {
            true => span.end.col().saturating_sub(span.start.col()),
            false => usize::MAX,
        };
        let line = self.from(span.start.line()).unwrap_or_default();
        let end = span.start.col().saturating_add(most);
        // Bytes are characters there.
        if let Some(known) = line.get(..end).filter(|known| known.is_ascii()) {
            return Mark::new(start, known[span.start.col()..].trim_end().len().max(1));
        }
        // On a line that nobody reads it is not worth the search.
        if span.start.col() + most.min(LONG) >= LONG {
            return Mark::new(start, if most < usize::MAX { most } else { 1 });
        }
        let rest = line.chars().take_while(|c| *c != '\n');
        let mut width = 0;
        for (n, c) in rest.skip(span.start.col()).take(most).enumerate() {
            width = if c.is_whitespace() { width } else { n + 1 };
        }
        Mark::new(start, width.max(1))
    }

    /// Where a block's text begins; the parser says where the first line is that is not blank.
    fn block(&self, line: usize, text: &str) -> Block {
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let blank = text.lines().take_while(|line| line.is_empty()).count();
        let own = text.lines().nth(blank).map_or(0, indent);
        let written = self.from(line).map_or(0, indent);
        Block::new(line.saturating_sub(blank), written.saturating_sub(own) + 1)
    }
}

/// A collection that is still open.
struct Frame {
    anchor: usize,
    tag: Option<String>,
    line: usize,
    mark: Mark,
    size: Size,
    open: Open,
}

/// What a node takes, aliases counted in full: ten lines of aliases to aliases ("billion laughs") stand for more values than
/// there is memory.
#[derive(Clone, Copy)]
struct Size {
    nodes: usize,
    depth: usize,
}

/// Two levels, as a CloudFormation tag puts a map around it.
const SCALAR: Size = Size { nodes: 1, depth: 2 };

enum Open {
    List(Vec<Node>),
    Map { entries: Entries, merges: Vec<Node>, key: Option<Key> },
}

struct Key {
    name: SmolStr,
    line: usize,
    mark: Mark,
    merge: bool,
}

struct Builder<'a> {
    lines: Lines<'a>,
    origin: &'a Arc<Origin>,
    faults: &'a mut Vec<Fault>,
    frames: Vec<Frame>,
    anchors: HashMap<usize, (Node, Size)>,
    root: Option<Node>,
    nodes: usize,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let line = span.start.line();
        match event {
            Event::SequenceStart(anchor, tag) => self.open(anchor, tag.as_deref(), span, Open::List(Vec::new())),
            Event::MappingStart(anchor, tag) => {
                let open = Open::Map { entries: Entries::default(), merges: Vec::new(), key: None };
                self.open(anchor, tag.as_deref(), span, open)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(line),
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), span),
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err(Fault::new(line, "an alias inside its own anchor".to_owned()));
                };
                self.count(size.nodes, line)?;
                self.add(node, size, line)
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(Fault::new(line, "a second document: one file holds one".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, anchor: usize, tag: Option<&Tag>, span: Span, open: Open) -> Result<(), Fault> {
        let line = span.start.line();
        if self.frames.len() >= DEPTH {
            return Err(Fault::new(line, format!("nested deeper than {DEPTH} levels")));
        }
        if let Some(Frame { open: Open::Map { key: None, .. }, .. }) = self.frames.last() {
            return Err(Fault::new(line, "a key must be a text".to_owned()));
        }
        let mark = Mark::new(self.lines.column(&span.start), 1);
        self.frames.push(Frame { anchor, tag: tag.and_then(function), line, mark, size: SCALAR, open });
        Ok(())
    }

    fn close(&mut self, line: usize) -> Result<(), Fault> {
        let Some(frame) = self.frames.pop() else {
            return Err(Fault::new(line, "an end without a beginning".to_owned()));
        };
        let data = match frame.open {
            Open::List(mut items) => {
                items.shrink_to_fit();
                Data::List(items)
            }
            Open::Map { mut entries, merges, .. } => {
                for merged in &merges {
                    merge(&mut entries, merged);
                }
                entries.shrink_to_fit();
                Data::Map(entries)
            }
        };
        let node = Node { mark: frame.mark, ..Node::new(self.origin, frame.line, data) };
        let node = self.tagged(node, frame.tag);
        self.count(1, frame.line)?;
        if frame.anchor > 0 {
            self.count(frame.size.nodes, frame.line)?;
            self.anchors.insert(frame.anchor, (node.clone(), frame.size));
        }
        self.add(node, frame.size, frame.line)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Fault> {
        let (line, mark) = (span.start.line(), self.lines.mark(&span));
        if let Some(Frame { open: Open::Map { key: key @ None, .. }, .. }) = self.frames.last_mut() {
            let merge = text == "<<" && style == ScalarStyle::Plain;
            *key = Some(Key { name: text.into(), line, mark, merge });
            return Ok(());
        }
        let core = tag.filter(|t| t.is_yaml_core_schema()).map(|t| t.suffix.as_str());
        let data = match (style, core) {
            (_, Some("str")) => Data::Text(text.into()),
            (ScalarStyle::Plain, _) if tag.is_none() || core.is_some() => resolve(text),
            _ => Data::Text(text.into()),
        };
        let node = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let block = self.lines.block(line, text);
                // What leads to the block stands one line above it.
                let head = Node::new(self.origin, block.line().saturating_sub(1), data);
                Node { block: (style == ScalarStyle::Literal).then_some(block), ..head }
            }
            _ => Node { mark, ..Node::new(self.origin, line, data) },
        };
        let node = self.tagged(node, tag.and_then(function));
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), SCALAR));
        }
        self.count(1, line)?;
        self.add(node, SCALAR, line)
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, mut node: Node, size: Size, line: usize) -> Result<(), Fault> {
        if self.frames.len() + size.depth > DEPTH {
            return Err(Fault::new(line, format!("nested deeper than {DEPTH} levels")));
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.size.nodes += size.nodes;
        frame.size.depth = frame.size.depth.max(size.depth + 1);
        match &mut frame.open {
            Open::List(items) => items.push(node),
            Open::Map { entries, merges, key } => {
                let Some(key) = key.take() else {
                    return Err(Fault::new(line, "a key must be a text".to_owned()));
                };
                if key.merge {
                    self.faults.push(Fault::merge(key.line, key.mark));
                    merges.push(node);
                    return Ok(());
                }
                node.mark = match &node.data {
                    // A collection has many lines; an empty value none.
                    Data::Map(_) | Data::List(_) | Data::Null => key.mark,
                    _ if node.line != key.line => key.mark,
                    _ => Mark::between(key.mark.column(), node.mark.end().max(key.mark.end())),
                };
                node.line = key.line;
                if let Some(first) = entries.get(&key.name) {
                    self.faults.push(Fault::twice(&key.name, first.line, key.line, key.mark));
                }
                entries.insert(key.name, node);
            }
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize, line: usize) -> Result<(), Fault> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > NODES { Err(Fault::new(line, format!("more than {NODES} values"))) } else { Ok(()) }
    }

    /// `!Sub x` is CloudFormation's short form of `{"Fn::Sub": x}`.
    fn tagged(&self, node: Node, function: Option<String>) -> Node {
        let Some(function) = function else { return node };
        let (line, mark, block) = (node.line, node.mark, node.block);
        let map = Entries::from_iter([(function.into(), node)]);
        Node { origin: self.origin.clone(), line, mark, block, data: Data::Map(map) }
    }
}

/// The long name of a CloudFormation tag.
fn function(tag: &Tag) -> Option<String> {
    if tag.handle != "!" || tag.suffix.is_empty() {
        return None;
    }
    Some(match tag.suffix.as_str() {
        "Ref" | "Condition" => tag.suffix.clone(),
        name => format!("Fn::{name}"),
    })
}

/// `<<: *base` or `<<: [*a, *b]`: what the map has itself wins, then the earlier base.
fn merge(entries: &mut Entries, merged: &Node) {
    match &merged.data {
        Data::Map(map) => {
            for (key, node) in map.iter() {
                if !entries.contains_key(key) {
                    entries.insert(key.clone(), node.clone());
                }
            }
        }
        Data::List(items) => {
            for item in items.iter().filter(|item| item.is_map()) {
                merge(entries, item);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// What both readers make of a text, when it is simple; they must agree.
    fn is_simple(text: &str) -> bool {
        let origin = Arc::new(Origin::File("x".into()));
        let Some(node) = plain_yaml::parse(text, &origin) else { return false };
        let mut faults = Vec::new();
        let other = whole(text, &origin, &mut faults);
        let other = other.unwrap_or_else(|fault| Node::new(&origin, 0, Data::Text(fault.message.into())));
        let different = told("", &node).into_iter().zip(told("", &other)).find(|(one, other)| one != other);
        assert_eq!((different, faults.len()), (None, 0), "{text}");
        assert_eq!(node, other, "{text}");
        true
    }

    /// Every value with its place.
    fn told(path: &str, node: &Node) -> Vec<String> {
        let entries = node.entries().flat_map(|(key, node)| told(&format!("{path}.{key}"), node));
        let items = node.items().iter().enumerate().flat_map(|(n, node)| told(&format!("{path}.{n}"), node));
        let inside = entries.chain(items).collect::<Vec<_>>();
        let own = if inside.is_empty() { format!("{:?}", node.data) } else { String::new() };
        let own = format!("{path} {}:{}+{} {:?} {own}", node.line, node.mark.column(), node.mark.width(), node.block);
        std::iter::once(own).chain(inside).collect()
    }

    /// A number below a limit that looks random and is the same in each run.
    fn below(seed: &mut u64, limit: usize) -> usize {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) as usize % limit.max(1)
    }

    const PIECES: &[&str] = &[
        " ", "  ", "\n", "\n  ", "- ", ":", ": ", "#", " # ", "'", "\"", "\\", "{", "}", "[", "]", ", ", "|", "|-\n",
        ">", "&a ", "*a", "!x ", "?", "? ", "~", "<<: ", "---\n", "...", "%", "@", "`", "é", "\u{a0}", "\t", "\r", "-",
        "- - ", "a: b", "x", "1", "null", "\n\n", "\n    ",
    ];

    #[test]
    fn what_is_simple_is_read_as_the_whole_reader_reads_it() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = [
            "config",
            "deploy",
            "tests/cases",
            "tests/definitions",
            "tests/configuration",
            "tests/cloudformation",
            "tests/check",
        ];
        let files = folders.iter().flat_map(|folder| walkdir::WalkDir::new(root.join(folder)).sort_by_file_name());
        let (mut seed, mut files_seen, mut simple, mut simple_broken, mut broken) = (7, 0, 0, 0, 0);
        for file in files.map(|file| file.expect("a file of ours")) {
            let is_yaml = file.path().extension().is_some_and(|e| e == "yaml" || e == "yml");
            let Some(text) = std::fs::read_to_string(file.path()).ok().filter(|_| is_yaml) else { continue };
            files_seen += 1;
            simple += usize::from(is_simple(&text));
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            for _ in 0..40 {
                // A part of it, changed in a place or two.
                let from = below(&mut seed, lines.len());
                let mut part = lines[from..(from + 1 + below(&mut seed, 12)).min(lines.len())].concat();
                let indent = part.bytes().take_while(|b| *b == b' ').count();
                part = part.split_inclusive('\n').map(|line| line.get(indent..).unwrap_or(line)).collect();
                for _ in 0..below(&mut seed, 3) {
                    let mut at = below(&mut seed, part.len() + 1);
                    while !part.is_char_boundary(at) {
                        at -= 1;
                    }
                    match below(&mut seed, 4) {
                        0 if at < part.len() => _ = part.remove(at),
                        _ => part.insert_str(at, PIECES[below(&mut seed, PIECES.len())]),
                    }
                }
                broken += 1;
                simple_broken += usize::from(is_simple(&part));
            }
        }
        eprintln!("{simple} of {files_seen}, {simple_broken} of {broken}");
        assert!(simple * 4 > files_seen, "{simple} of {files_seen} files");
        assert!(simple_broken * 6 > broken, "{simple_broken} of {broken} parts");
    }
}
