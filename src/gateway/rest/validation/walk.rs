//! The walk over a body beside its schema. Every step is counted, what was found out of a value by a schema that others share is
//! remembered, and what would not be told is not looked at.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use serde_json::{Number, Value};

use super::json::Json;
use super::message;
use super::told::{Key, Place, Told};
use crate::api::{ArrayRules, Combined, Dependency, JsonSchema, Node, NodeId, ObjectRules, Rest};
use crate::config::settings::Limits;

/// Why there is no verdict: the walk took too many steps, or too long, or went too deep.
#[derive(Debug)]
pub(super) struct TooMuch;

/// How deep the walk goes: a body's own depth (400) with what is combined on the way.
const DEPTH: usize = 900;
/// Verdicts that are remembered.
const REMEMBERED: usize = 65_536;
/// How many steps are taken between two looks at the clock.
const LOOK: u64 = 4_096;
/// Bytes that are passed over in the time of one step.
const BYTES: usize = 64;

/// What a walk is for: to know whether the body fits, or to tell why it does not.
type Ear<'t> = Option<&'t mut Told>;

pub(super) struct Walk<'a> {
    schema: &'a JsonSchema,
    json: Json<'a>,
    place: Place,
    steps: u64,
    most: u64,
    next_look: u64,
    started: Instant,
    limits: &'a Limits,
    depth: usize,
    /// Verdicts, by schema and value, of schemas that combine others. One that is not there yet stands for one that is being found:
    /// a schema that comes to itself asks for nothing new.
    verdicts: HashMap<(NodeId, usize), bool>,
    told: HashSet<(NodeId, usize)>,
    /// The array walked over last, and its end, so that it is not passed over once more.
    passed: (usize, usize),
}

/// A member of an object.
#[derive(Clone, Copy)]
struct Member {
    hash: u64,
    name: u32,
    value: u32,
}

impl<'a> Walk<'a> {
    pub(super) fn new(schema: &'a JsonSchema, json: Json<'a>, limits: &'a Limits) -> Walk<'a> {
        Walk {
            schema,
            json,
            place: Vec::new(),
            steps: 0,
            most: limits.validation_steps as u64,
            next_look: LOOK,
            started: Instant::now(),
            limits,
            depth: 0,
            verdicts: HashMap::new(),
            told: HashSet::new(),
            passed: (0, 0),
        }
    }

    /// Whether the body fits.
    pub(super) fn fits(&mut self) -> Result<bool, TooMuch> {
        self.node(0, self.json.start(), &mut None)
    }

    /// Tells why it does not.
    pub(super) fn tell(&mut self, told: &mut Told) -> Result<(), TooMuch> {
        self.node(0, self.json.start(), &mut Some(told)).map(drop)
    }

    fn spend(&mut self, steps: u64) -> Result<(), TooMuch> {
        self.steps += steps;
        if self.steps > self.most {
            return Err(TooMuch);
        }
        if self.steps >= self.next_look {
            self.next_look = self.steps + LOOK;
            if self.started.elapsed() > self.limits.validation_time {
                return Err(TooMuch);
            }
        }
        Ok(())
    }

    /// Passes over a value.
    fn skip(&mut self, at: usize) -> Result<usize, TooMuch> {
        if self.passed.0 == at && self.passed.1 > at {
            return Ok(self.passed.1);
        }
        let end = self.json.skip(at);
        self.spend(((end - at) / BYTES) as u64)?;
        Ok(end)
    }

    /// The verdict of one schema about one value. With an ear each fault is told, and the verdict is whether there was none.
    fn node(&mut self, id: NodeId, at: usize, ear: &mut Ear) -> Result<bool, TooMuch> {
        self.spend(1)?;
        let Some(node) = self.schema.nodes.get(id as usize) else { return Ok(true) };
        if node.is_empty() {
            return Ok(true);
        }
        if node.beside().next().is_none() {
            return self.deeper(node, at, ear);
        }
        if ear.is_some() {
            return if self.told.insert((id, at)) { self.deeper(node, at, ear) } else { Ok(true) };
        }
        if let Some(verdict) = self.verdicts.get(&(id, at)) {
            return Ok(*verdict);
        }
        self.verdicts.insert((id, at), true);
        let verdict = self.deeper(node, at, ear)?;
        if self.verdicts.len() > REMEMBERED {
            return Err(TooMuch);
        }
        self.verdicts.insert((id, at), verdict);
        Ok(verdict)
    }

    fn deeper(&mut self, node: &'a Node, at: usize, ear: &mut Ear) -> Result<bool, TooMuch> {
        if self.depth >= DEPTH {
            return Err(TooMuch);
        }
        self.depth += 1;
        let verdict = match node.reference {
            Some(target) => self.node(target, at, ear),
            None => self.rules(node, at, ear),
        };
        self.depth -= 1;
        verdict
    }

    fn rules(&mut self, node: &'a Node, at: usize, ear: &mut Ear) -> Result<bool, TooMuch> {
        let mut fits = self.kind(node, at, ear);
        if fits || ear.is_some() {
            fits &= self.option(node, at, ear)?;
        }
        let json = self.json;
        if fits || ear.is_some() {
            fits &= match (json.byte(at), &node.array, &node.object) {
                (b'"', ..) => self.string(node, at, ear)?,
                (b'[', Some(rules), _) => self.array(rules, at, ear)?,
                (b'{', _, Some(rules)) => self.object(rules, at, ear)?,
                (b'-' | b'0'..=b'9', ..) => self.number(node, at, ear)?,
                _ => true,
            };
        }
        if let Some(combined) = node.combined.as_deref().filter(|_| fits || ear.is_some()) {
            fits &= self.combined(combined, at, ear)?;
        }
        Ok(fits)
    }

    fn fault(&self, ear: &mut Ear, message: impl FnOnce() -> String) -> bool {
        if let Some(told) = ear {
            told.add(&self.place, message);
        }
        false
    }

    fn kind(&self, node: &Node, at: usize, ear: &mut Ear) -> bool {
        let Some(types) = &node.types else { return true };
        let found = kind(self.json, at);
        let fits = types.contains(found) || (found == "integer" && types.contains("number"));
        fits || self.fault(ear, || message::wrong_type(found, types))
    }

    fn option(&mut self, node: &Node, at: usize, ear: &mut Ear) -> Result<bool, TooMuch> {
        let Some(options) = &node.options else { return Ok(true) };
        let (hash, end) = self.hash(at)?;
        if options.hashes.contains(&hash) {
            return Ok(true);
        }
        let json = self.json;
        Ok(self.fault(ear, || message::no_option(&compact(json.slice(at, end)), options)))
    }

    fn string(&mut self, node: &Node, at: usize, ear: &mut Ear) -> Result<bool, TooMuch> {
        let Some(validator) = &node.string else { return Ok(true) };
        let (text, end) = self.json.string(at);
        self.spend(((end - at) / BYTES) as u64 + 4)?;
        Ok(self.single(validator, &Value::String(String::from_utf8_lossy(&text).into_owned()), ear))
    }

    fn number(&mut self, node: &Node, at: usize, ear: &mut Ear) -> Result<bool, TooMuch> {
        let Some(validator) = &node.number else { return Ok(true) };
        self.spend(4)?;
        let text = self.json.slice(at, self.json.skip(at));
        Ok(self.single(validator, &Value::Number(number(text)), ear))
    }

    /// What the jsonschema crate says of one number or string.
    fn single(&self, validator: &jsonschema::Validator, value: &Value, ear: &mut Ear) -> bool {
        if ear.is_none() {
            return validator.is_valid(value);
        }
        let errors = validator.iter_errors(value).map(|error| self.fault(ear, || message::message(&error)));
        errors.count() == 0
    }

    fn array(&mut self, rules: &'a ArrayRules, at: usize, ear: &mut Ear) -> Result<bool, TooMuch> {
        let (mut fits, mut size, mut seen) = (true, 0u64, HashSet::new());
        let (mut twice, start) = (false, at);
        let mut at = self.json.space(at + 1);
        while self.json.byte(at) != b']' {
            self.spend(1)?;
            let index = size as usize;
            let rest = match rules.rest {
                Rest::Schema(node) => Some(node),
                Rest::Any | Rest::None => None,
            };
            if let Some(node) = rules.items.get(index).copied().or(rest) {
                fits &= self.inside(Key::Item(index), node, at, ear)?;
            }
            if rules.unique && !twice {
                twice = !seen.insert(self.hash(at)?.0);
            }
            if ear.is_none() && (!fits || twice) {
                return Ok(false);
            }
            size += 1;
            at = self.next(at)?;
        }
        self.passed = (start, at + 1);
        if rules.rest == Rest::None && size > rules.items.len() as u64 {
            fits = self.fault(ear, || message::item_not_allowed(rules.items.len(), size));
        }
        if let Some(limit) = rules.min.filter(|limit| size < *limit) {
            fits = self.fault(ear, || message::too_few_items(limit, size));
        }
        if let Some(limit) = rules.max.filter(|limit| size > *limit) {
            fits = self.fault(ear, || message::too_many_items(limit, size));
        }
        if twice {
            fits = self.fault(ear, || message::DUPLICATES.to_owned());
        }
        Ok(fits)
    }

    /// Where the value after the one there begins, or the bracket behind the last.
    fn next(&mut self, at: usize) -> Result<usize, TooMuch> {
        let end = self.skip(at)?;
        let at = self.json.space(end);
        Ok(if self.json.byte(at) == b',' { self.json.space(at + 1) } else { at })
    }

    /// A member or an item.
    fn inside(&mut self, key: Key, node: NodeId, at: usize, ear: &mut Ear) -> Result<bool, TooMuch> {
        let Some(told) = ear else { return self.node(node, at, ear) };
        self.place.push(key);
        let verdict = if told.wants(&self.place) { self.node(node, at, ear) } else { Ok(true) };
        self.place.pop();
        verdict
    }

    /// The members of the object there: of those with one name the last, sorted by the names' hashes.
    fn members(&mut self, at: usize) -> Result<(Vec<Member>, usize), TooMuch> {
        let mut members: Vec<Member> = Vec::new();
        let mut at = self.json.space(at + 1);
        while self.json.byte(at) != b'}' {
            let (name, end) = self.json.string(at);
            let value = self.json.space(self.json.space(end) + 1);
            let hash = self.schema.keys.hash(&*name);
            members.push(Member { hash, name: at as u32, value: value as u32 });
            self.spend(1)?;
            at = self.next(value)?;
        }
        members.sort_unstable_by_key(|member| (member.hash, std::cmp::Reverse(member.name)));
        members.dedup_by_key(|member| member.hash);
        self.spend(members.len() as u64)?;
        Ok((members, at + 1))
    }

    fn object(&mut self, rules: &'a ObjectRules, at: usize, ear: &mut Ear) -> Result<bool, TooMuch> {
        let (members, _) = self.members(at)?;
        let has = |hash: u64| members.binary_search_by_key(&hash, |member| member.hash).is_ok();
        let mut fits = true;
        if let Some(limit) = rules.min.filter(|limit| (members.len() as u64) < *limit) {
            fits = self.fault(ear, || message::too_few_members(limit, members.len()));
        }
        if let Some(limit) = rules.max.filter(|limit| members.len() as u64 > *limit) {
            fits = self.fault(ear, || message::too_many_members(limit, members.len()));
        }
        let brought = rules.dependencies.iter().filter(|(name, _)| has(name.hash));
        let brought = brought.filter_map(|(_, dependency)| match dependency {
            Dependency::Names(names) => Some(names),
            Dependency::Schema(_) => None,
        });
        for name in rules.required.iter().chain(brought.flatten()).filter(|name| !has(name.hash)) {
            fits = false;
            if let Some(told) = ear {
                told.add_missing(&self.place, &name.text);
            }
        }
        if !fits && ear.is_none() {
            return Ok(false);
        }
        for (name, dependency) in &rules.dependencies {
            if let Dependency::Schema(node) = dependency
                && has(name.hash)
            {
                fits &= self.node(*node, at, ear)?;
            }
        }
        Ok(fits & self.values(rules, &members, ear)?)
    }

    /// The values of an object's members.
    fn values(&mut self, rules: &'a ObjectRules, members: &[Member], ear: &mut Ear) -> Result<bool, TooMuch> {
        let mut fits = true;
        let mut unexpected = std::collections::BTreeSet::new();
        for member in members {
            self.spend(1)?;
            let mut is_known = false;
            let known = rules.properties.binary_search_by_key(&member.hash, |(hash, _)| *hash);
            if let Some((_, node)) = known.ok().and_then(|known| rules.properties.get(known)) {
                is_known = true;
                fits &= self.member(member, *node, ear)?;
            }
            if !rules.patterns.is_empty() {
                let name = Value::String(self.name(member));
                for (pattern, node) in &rules.patterns {
                    self.spend(4)?;
                    if pattern.is_valid(&name) {
                        is_known = true;
                        fits &= self.member(member, *node, ear)?;
                    }
                }
            }
            match rules.rest {
                Rest::Schema(node) if !is_known => fits &= self.member(member, node, ear)?,
                Rest::None if !is_known => {
                    fits = false;
                    if ear.is_some() {
                        unexpected.insert(self.name(member));
                        if unexpected.len() > self.limits.validation_errors {
                            unexpected.pop_last();
                        }
                    }
                }
                _ => {}
            }
            if !fits && ear.is_none() {
                return Ok(false);
            }
        }
        if !unexpected.is_empty() {
            fits = self.fault(ear, || message::not_allowed(unexpected));
        }
        Ok(fits)
    }

    fn name(&self, member: &Member) -> String {
        String::from_utf8_lossy(&self.json.string(member.name as usize).0).into_owned()
    }

    fn member(&mut self, member: &Member, node: NodeId, ear: &mut Ear) -> Result<bool, TooMuch> {
        // The name is only needed to tell.
        let name = if ear.is_some() { self.name(member) } else { String::new() };
        self.inside(Key::Member(name), node, member.value as usize, ear)
    }

    fn combined(&mut self, combined: &'a Combined, at: usize, ear: &mut Ear) -> Result<bool, TooMuch> {
        let Combined { all_of, any_of, one_of, not } = combined;
        let mut fits = true;
        for node in all_of {
            fits &= self.node(*node, at, ear)?;
            if !fits && ear.is_none() {
                return Ok(false);
            }
        }
        if !any_of.is_empty() && self.count(any_of, 1, at)? == 0 {
            fits = self.fault(ear, || message::fits_none(any_of.len()));
        }
        if !one_of.is_empty() {
            let enough = if ear.is_some() { one_of.len() } else { 2 };
            let matched = self.count(one_of, enough, at)?;
            if matched != 1 {
                fits = self.fault(ear, || message::fits_not_one(matched, one_of.len()));
            }
        }
        if let Some(node) = not
            && self.node(*node, at, &mut None)?
        {
            fits = self.fault(ear, || message::FITS_NOT.to_owned());
        }
        Ok(fits)
    }

    /// How many of the schemas the value fits, as far as that is asked.
    fn count(&mut self, nodes: &[NodeId], enough: usize, at: usize) -> Result<usize, TooMuch> {
        let mut count = 0;
        for node in nodes {
            count += usize::from(self.node(*node, at, &mut None)?);
            if count >= enough {
                break;
            }
        }
        Ok(count)
    }

    /// A value's hash, and where it ends.
    fn hash(&mut self, at: usize) -> Result<(u64, usize), TooMuch> {
        let keys = &self.schema.keys;
        self.spend(1)?;
        match self.json.byte(at) {
            b'"' => {
                let (text, end) = self.json.string(at);
                self.spend(((end - at) / BYTES) as u64)?;
                Ok((keys.text(&text), end))
            }
            b'[' => {
                let (mut hash, mut at) = (0, self.json.space(at + 1));
                while self.json.byte(at) != b']' {
                    let (item, end) = self.hash(at)?;
                    hash = keys.item(hash, item);
                    at = self.json.space(end);
                    if self.json.byte(at) == b',' {
                        at = self.json.space(at + 1);
                    }
                }
                Ok((hash, at + 1))
            }
            b'{' => {
                let (members, end) = self.members(at)?;
                let mut hash = 1;
                for member in members {
                    hash = keys.member(hash, member.hash, self.hash(member.value as usize)?.0);
                }
                Ok((hash, end))
            }
            first => {
                let end = self.json.skip(at);
                let text = self.json.slice(at, end);
                let is_word = matches!(first, b'n' | b't' | b'f');
                Ok((if is_word { keys.word(text) } else { keys.number(&String::from_utf8_lossy(text)) }, end))
            }
        }
    }
}

/// The type's name: a number without point and exponent is an integer.
fn kind(json: Json, at: usize) -> &'static str {
    match json.byte(at) {
        b'"' => "string",
        b'[' => "array",
        b'{' => "object",
        b't' | b'f' => "boolean",
        b'n' => "null",
        _ if json.slice(at, json.skip(at)).iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => "number",
        _ => "integer",
    }
}

/// A number as it is compared: one that is out of all range is the largest there is.
fn number(text: &[u8]) -> Number {
    serde_json::from_slice(text).unwrap_or_else(|_| {
        let largest = if text.starts_with(b"-") { f64::MIN } else { f64::MAX };
        Number::from_f64(largest).unwrap_or_else(|| Number::from(0))
    })
}

/// A value as messages quote it: short ones without their white space.
fn compact(text: &[u8]) -> String {
    const SHORT: usize = 8 * 1024;
    let shown = &text[..text.len().min(SHORT)];
    match serde_json::from_slice::<Value>(shown) {
        Ok(value) => value.to_string(),
        Err(_) => String::from_utf8_lossy(shown).into_owned(),
    }
}
