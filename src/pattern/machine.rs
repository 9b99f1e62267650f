//! The backtracking machine: runs a program over a text with an explicit stack and a limit on its steps.

use std::cell::RefCell;

use memchr::memrchr;
use rustc_hash::FxHashSet;

use super::ast::{Behind, Fold, Kind};
use super::program::{Body, Instruction, One, Program};
use super::text::{Last, Text};
use super::unicode::{to_lower, to_upper};
use crate::value::work;

/// How many steps a match may take whatever the text's length.
pub(super) const STEP_LIMIT: u64 = 5_000_000;
/// How many steps more a match may take for each byte of the text.
pub(super) const STEP_LIMIT_PER_BYTE: u64 = 16;
/// How many steps take as long as one node of a template.
const STEPS_PER_UNIT: u64 = 10;
/// After so many steps the machine begins to note what it has tried in vain, where the pattern allows it.
const MEMO_AFTER: u64 = 20_000;
/// A scratch stack that grew beyond this is not kept.
const KEPT_FRAMES: usize = 1 << 14;

/// A position that is not set.
const UNSET: u32 = u32::MAX;

/// A place to come back to, or something to set back on the way.
#[derive(Debug, Clone, Copy)]
enum Frame {
    /// Go on there.
    Try {
        step: u32,
        pos: u32,
    },
    /// A greedy run may give back characters down to `low`.
    Greedy {
        step: u32,
        low: u32,
        pos: u32,
    },
    /// A lazy run may take one more.
    Lazy {
        step: u32,
        pos: u32,
        count: u32,
    },
    Slot {
        slot: u32,
        old: u32,
    },
    Count {
        id: u32,
        old: u32,
    },
    Group {
        group: u32,
        old: (u32, u32),
    },
    /// A body under way: `step` began it at `pos`; around it are the body `outer` and its `generation`.
    Body {
        step: u32,
        pos: u32,
        outer: u32,
        generation: u32,
        state: u32,
    },
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Match(usize),
    NoMatch,
    StepLimit,
}

/// What a machine works with; kept between runs to spare the allocations.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    stack: Vec<Frame>,
    slots: Vec<u32>,
    counts: Vec<u32>,
    groups: Vec<(u32, u32)>,
    tried: FxHashSet<(u32, u32, u32, u32)>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Runs a program over a text.
pub(super) struct Machine<'p> {
    program: &'p Program,
    text: Text<'p>,
    /// Whether the match must end where the text ends.
    whole: bool,
    last: Last,
    scratch: Scratch,
    steps: u64,
    limit: u64,
    /// The innermost body's frame, counted from 1.
    body: u32,
    generation: u32,
    generations: u32,
    /// How far it came, when somebody wants to know.
    farthest: Option<Farthest>,
}

/// The latest step that failed, and the last place where it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Farthest {
    pub(super) step: usize,
    pub(super) pos: usize,
}

impl<'p> Machine<'p> {
    /// A machine at rest.
    pub(super) fn new(program: &'p Program, text: &'p str, whole: bool, last_match: usize) -> Machine<'p> {
        let mut scratch = SCRATCH.with_borrow_mut(std::mem::take);
        scratch.stack.clear();
        scratch.tried.clear();
        refill(&mut scratch.slots, program.slots, UNSET);
        refill(&mut scratch.counts, program.loops.len(), 0);
        refill(&mut scratch.groups, program.groups, (UNSET, UNSET));
        let limit = STEP_LIMIT + STEP_LIMIT_PER_BYTE * text.len() as u64;
        let limit = limit.min(work::left().saturating_mul(STEPS_PER_UNIT));
        Machine {
            program,
            text: Text(text),
            whole,
            last: Last { matched: last_match, part: last_match },
            scratch,
            steps: 0,
            limit,
            body: 0,
            generation: 0,
            generations: 0,
            farthest: None,
        }
    }

    /// Matches the whole text within so many steps; says how far it came when it does not.
    pub(super) fn come_far(mut self, limit: u64) -> Option<Farthest> {
        self.limit = self.limit.min(limit);
        self.farthest = Some(Farthest { step: 0, pos: 0 });
        match self.run(0) {
            Ended::Match(_) => None,
            Ended::NoMatch | Ended::StepLimit => self.farthest,
        }
    }

    fn failed(&mut self, step: usize, pos: usize) -> Option<(usize, usize)> {
        if let Some(farthest) = &mut self.farthest {
            *farthest = (*farthest).max(Farthest { step, pos });
        }
        self.back()
    }

    /// Where a group matched, as far as it did.
    pub(super) fn group(&self, group: usize) -> Option<(usize, usize)> {
        let (start, end) = *self.scratch.groups.get(group)?;
        (start != UNSET).then_some((start as usize, end as usize))
    }

    /// Tries to match from the position.
    pub(super) fn run(&mut self, start: usize) -> Ended {
        if u32::try_from(self.text.len()).is_err() {
            return Ended::StepLimit;
        }
        let (mut step, mut pos) = (0, start);
        loop {
            self.steps += 1;
            if self.steps > self.limit {
                return Ended::StepLimit;
            }
            let next = match &self.program.steps[step] {
                Instruction::Match if !self.whole || pos == self.text.len() => return Ended::Match(pos),
                Instruction::Match => None,
                Instruction::One(one) => {
                    self.text.at(pos).filter(|&(c, _)| one.takes(c)).map(|(_, after)| (step + 1, after))
                }
                Instruction::Jump(there) => Some((*there, pos)),
                Instruction::Assert(assertion) => {
                    self.text.holds(*assertion, pos, self.last).then_some((step + 1, pos))
                }
                _ => self.step(step, pos),
            };
            match next.or_else(|| self.failed(step, pos)) {
                Some(next) => (step, pos) = next,
                None => return Ended::NoMatch,
            }
        }
    }

    fn step(&mut self, step: usize, pos: usize) -> Option<(usize, usize)> {
        let program = self.program;
        match &program.steps[step] {
            Instruction::Split(first, second) => {
                self.first_time(step, pos)?;
                self.later(*second, pos);
                Some((*first, pos))
            }
            Instruction::Run { one, min, max, kind } => self.run_of(step, pos, one, (*min, *max), *kind),
            Instruction::Open(slot) => {
                self.set_slot(*slot, pos);
                Some((step + 1, pos))
            }
            Instruction::Close { group, slot, skip_empty } => {
                let start = self.scratch.slots[*slot];
                if !(*skip_empty && start as usize == pos) {
                    self.scratch.stack.push(Frame::Group { group: *group as u32, old: self.scratch.groups[*group] });
                    self.scratch.groups[*group] = (start, pos as u32);
                }
                Some((step + 1, pos))
            }
            Instruction::Enter(id) => self.enter(*id, pos),
            Instruction::Again(id) => self.again(*id, step, pos),
            Instruction::Round(id, first) => {
                self.set_count(*id, self.scratch.counts[*id] + 1);
                Some((*first, pos))
            }
            Instruction::Leave(id) => {
                self.set_count(*id, 0);
                Some((step + 1, pos))
            }
            Instruction::Body { body, after } => self.begin(*body, step, *after, pos),
            Instruction::Accept => self.accept(pos),
            Instruction::Backref(group, fold) => Some((step + 1, self.repeat_of(*group, *fold, pos)?)),
            Instruction::LineBreak => self.line_break(step, pos),
            Instruction::Grapheme if pos < self.text.len() => Some((step + 1, self.text.grapheme_end(pos))),
            _ => None,
        }
    }

    // ---- the stack

    fn later(&mut self, step: usize, pos: usize) {
        self.scratch.stack.push(Frame::Try { step: step as u32, pos: pos as u32 });
    }

    fn set_slot(&mut self, slot: usize, pos: usize) {
        self.scratch.stack.push(Frame::Slot { slot: slot as u32, old: self.scratch.slots[slot] });
        self.scratch.slots[slot] = pos as u32;
    }

    fn set_count(&mut self, id: usize, count: u32) {
        self.scratch.stack.push(Frame::Count { id: id as u32, old: self.scratch.counts[id] });
        self.scratch.counts[id] = count;
    }

    /// `None` when this step was already tried at this position, in vain.
    fn first_time(&mut self, step: usize, pos: usize) -> Option<()> {
        if self.steps < MEMO_AFTER || !self.program.memoizable {
            return Some(());
        }
        let loops = self.program.loops.iter().zip(&self.scratch.counts);
        let counts = loops.fold(0, |sum, (rounds, &count)| sum * rounds.counts() + count.min(rounds.counts() - 1));
        self.scratch.tried.insert((step as u32, pos as u32, self.generation, counts)).then_some(())
    }

    /// Goes back to the latest place where there is another way.
    fn back(&mut self) -> Option<(usize, usize)> {
        while let Some(frame) = self.scratch.stack.pop() {
            match frame {
                Frame::Try { step, pos } => return Some((step as usize, pos as usize)),
                Frame::Greedy { step, low, pos } => {
                    if let Some(pos) = self.give_back(step as usize, low as usize, pos as usize) {
                        return Some((step as usize + 1, pos));
                    }
                }
                Frame::Lazy { step, pos, count } => {
                    if let Some(next) = self.take_more(step as usize, pos as usize, count) {
                        return Some(next);
                    }
                }
                Frame::Slot { slot, old } => self.scratch.slots[slot as usize] = old,
                Frame::Count { id, old } => self.scratch.counts[id as usize] = old,
                Frame::Group { group, old } => self.scratch.groups[group as usize] = old,
                Frame::Body { step, pos, outer, generation, state } => {
                    (self.body, self.generation) = (outer, generation);
                    if let Some(next) = self.body_failed(step as usize, pos as usize, state) {
                        return Some(next);
                    }
                }
            }
        }
        None
    }

    // ---- runs of one character

    fn run_of(
        &mut self,
        step: usize,
        start: usize,
        one: &One,
        (min, max): (u32, u32),
        kind: Kind,
    ) -> Option<(usize, usize)> {
        if min != max {
            self.first_time(step, start)?;
        }
        let (low, count) = self.take(one, start, min);
        if count > 0 && !(kind == Kind::Greedy && max == u32::MAX) {
            self.last.part = low;
        }
        if count < min {
            return None;
        }
        if kind == Kind::Lazy {
            if min < max {
                self.scratch.stack.push(Frame::Lazy { step: step as u32, pos: low as u32, count });
            }
            return Some((step + 1, low));
        }
        let (end, _) = self.take(one, low, max - min);
        if end > low && !(kind == Kind::Greedy && max == u32::MAX) {
            self.last.part = end;
        }
        if kind == Kind::Greedy && end > low {
            self.scratch.stack.push(Frame::Greedy { step: step as u32, low: low as u32, pos: end as u32 });
        }
        Some((step + 1, end))
    }

    /// Takes up to `most` characters; says where it ended and how many they were.
    fn take(&mut self, one: &One, start: usize, most: u32) -> (usize, u32) {
        let (mut pos, mut count) = (start, 0);
        while count < most
            && let Some((c, after)) = self.text.at(pos)
            && one.takes(c)
        {
            pos = after;
            count += 1;
        }
        self.steps += u64::from(count / 16);
        (pos, count)
    }

    fn give_back(&mut self, step: usize, low: usize, pos: usize) -> Option<usize> {
        let bytes = self.text.0.as_bytes();
        let pos = match &self.program.steps[step + 1] {
            // Nothing but this character can follow: go where it is.
            Instruction::One(One::Char(c @ 0..0x80)) => low + memrchr(*c as u8, &bytes[low..pos])?,
            _ => self.text.before(pos)?.1,
        };
        if pos > low {
            self.scratch.stack.push(Frame::Greedy { step: step as u32, low: low as u32, pos: pos as u32 });
        }
        Some(pos)
    }

    fn take_more(&mut self, step: usize, pos: usize, count: u32) -> Option<(usize, usize)> {
        let Instruction::Run { one, max, .. } = &self.program.steps[step] else { return None };
        let (_, after) = self.text.at(pos).filter(|&(c, _)| one.takes(c))?;
        self.last.part = after;
        if count + 1 < *max {
            self.scratch.stack.push(Frame::Lazy { step: step as u32, pos: after as u32, count: count + 1 });
        }
        Some((step + 1, after))
    }

    // ---- loops

    fn enter(&mut self, id: usize, pos: usize) -> Option<(usize, usize)> {
        let rounds = self.program.loops[id];
        if rounds.max == 0 {
            return Some((rounds.exit, pos));
        }
        // The count is set back when the loop is left by failure, so it can start at 0 here.
        self.set_count(id, 0);
        self.next_round(id, pos, rounds.min > 0)
    }

    fn again(&mut self, id: usize, step: usize, pos: usize) -> Option<(usize, usize)> {
        let rounds = self.program.loops[id];
        let count = self.scratch.counts[id];
        if rounds.apart {
            self.last.part = pos;
        }
        // A round that took nothing is the last, or it would go on for ever. Where Java tries rounds on their own, those that
        // must be are gone through all the same, as a back reference may find another group; and a lazy one is in vain.
        if pos == self.scratch.slots[rounds.slot] as usize {
            if !rounds.apart || count <= rounds.min && !self.program.backrefs {
                return Some((rounds.exit, pos));
            }
            if count > rounds.min {
                return (!rounds.lazy).then_some((rounds.exit, pos));
            }
        }
        if count >= rounds.max {
            return Some((rounds.exit, pos));
        }
        self.first_time(step, pos)?;
        self.next_round(id, pos, count < rounds.min)
    }

    fn next_round(&mut self, id: usize, pos: usize, must: bool) -> Option<(usize, usize)> {
        let rounds = self.program.loops[id];
        let round = rounds.exit - 1;
        if must {
            return Some((round, pos));
        }
        let (first, second) = if rounds.lazy { (rounds.exit, round) } else { (round, rounds.exit) };
        self.later(second, pos);
        Some((first, pos))
    }

    // ---- bodies

    fn begin(&mut self, body: Body, step: usize, after: usize, pos: usize) -> Option<(usize, usize)> {
        match body {
            Body::Possessive { max: 0, .. } => Some((after, pos)),
            Body::Behind { negated, reach } => match self.back_by(pos, reach.min, reach.by_char) {
                Some(start) if self.look_back(pos, reach) >= i64::from(reach.min) => {
                    self.open_body(step, pos, start as u32);
                    Some((step + 1, start))
                }
                _ if negated => Some((after, pos)),
                _ => None,
            },
            _ => {
                self.open_body(step, pos, 0);
                Some((step + 1, pos))
            }
        }
    }

    fn open_body(&mut self, step: usize, pos: usize, state: u32) {
        let frame =
            Frame::Body { step: step as u32, pos: pos as u32, outer: self.body, generation: self.generation, state };
        self.scratch.stack.push(frame);
        self.body = self.scratch.stack.len() as u32;
        self.generations += 1;
        self.generation = self.generations;
    }

    /// A body matched: what it left on the stack goes, and with it the ways it could have matched otherwise. The groups
    /// it set stay set, even if what follows fails: so it is in Java.
    fn accept(&mut self, pos: usize) -> Option<(usize, usize)> {
        let at = (self.body as usize).checked_sub(1)?;
        let Frame::Body { step, pos: start, outer, generation, state } = self.scratch.stack[at] else { return None };
        let (step, start) = (step as usize, start as usize);
        let Instruction::Body { body, after } = self.program.steps[step] else { return None };
        if matches!(body, Body::Behind { .. }) {
            if pos != start {
                return None;
            }
        } else {
            self.last.part = pos;
        }
        self.scratch.stack.truncate(at);
        (self.body, self.generation) = (outer, generation);
        match body {
            Body::Atomic => Some((after, pos)),
            Body::Ahead { negated } | Body::Behind { negated, .. } => (!negated).then_some((after, start)),
            Body::Possessive { min, max } => {
                let count = state + 1;
                if count >= max || pos == start && (count > min || count == min && !self.program.backrefs) {
                    return Some((after, pos));
                }
                self.open_body(step, pos, count);
                Some((step + 1, pos))
            }
        }
    }

    fn body_failed(&mut self, step: usize, pos: usize, state: u32) -> Option<(usize, usize)> {
        let Instruction::Body { body, after } = self.program.steps[step] else { return None };
        match body {
            Body::Atomic => None,
            Body::Possessive { min, .. } => (state >= min).then_some((after, pos)),
            Body::Ahead { negated } => negated.then_some((after, pos)),
            Body::Behind { negated, reach } => {
                let start = self.back_by(state as usize, 1, reach.by_char);
                let bound = self.look_back(pos, reach);
                match start.filter(|&start| self.distance(start, pos, reach.by_char, bound) <= bound) {
                    Some(start) => {
                        self.open_body(step, pos, start as u32);
                        Some((step + 1, start))
                    }
                    None => negated.then_some((after, pos)),
                }
            }
        }
    }

    /// How far a look-behind looks back from here. Java subtracts the longest length from the index in 32 bits: one that
    /// has overflowed looks back without bound or not at all, depending on where it stands.
    fn look_back(&mut self, pos: usize, reach: Behind) -> i64 {
        if reach.max >= 0 {
            return i64::from(reach.max);
        }
        let overflow = reach.max.wrapping_sub(i32::MIN);
        if self.back_by(pos, overflow, false).is_some() { i64::MAX } else { -1 }
    }

    fn back_by(&mut self, from: usize, count: i32, by_char: bool) -> Option<usize> {
        let mut pos = from;
        for _ in 0..count {
            pos = if by_char { self.text.before(pos)?.1 } else { self.text.unit_before(pos)? };
            self.steps += 1;
        }
        Some(pos)
    }

    /// How far apart two positions are, or something above the bound.
    fn distance(&mut self, start: usize, end: usize, by_char: bool, bound: i64) -> i64 {
        if (end - start) as i64 <= bound {
            return (end - start) as i64;
        }
        let (mut pos, mut count) = (end, 0);
        while pos > start && count <= bound {
            let Some(before) = self.back_by(pos, 1, by_char) else { break };
            pos = before;
            count += 1;
        }
        count
    }

    // ---- the rest

    fn repeat_of(&mut self, group: usize, fold: Fold, pos: usize) -> Option<usize> {
        let (mut from, end) = self.group(group)?;
        let mut pos = pos;
        while from < end {
            let ((wanted, next), (c, after)) = (self.text.at(from)?, self.text.at(pos)?);
            if !same(wanted, c, fold) {
                return None;
            }
            self.steps += 1;
            (from, pos) = (next, after);
        }
        Some(pos)
    }

    fn line_break(&mut self, step: usize, pos: usize) -> Option<(usize, usize)> {
        match self.text.at(pos)? {
            (0x0D, after) => {
                if let Some((0x0A, both)) = self.text.at(after) {
                    self.later(step + 1, after);
                    return Some((step + 1, both));
                }
                Some((step + 1, after))
            }
            (0x0A..=0x0C | 0x85 | 0x2028 | 0x2029, after) => Some((step + 1, after)),
            _ => None,
        }
    }

    /// Makes ready for another start in the same text. Groups that a look-around left set stay so, as in Java.
    pub(super) fn rewind(&mut self) {
        self.scratch.stack.clear();
        (self.body, self.generation) = (0, 0);
    }
}

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        // Making it ready takes about a unit, too.
        work::spend(1 + self.steps / STEPS_PER_UNIT);
        let mut scratch = std::mem::take(&mut self.scratch);
        if scratch.stack.capacity() <= KEPT_FRAMES && scratch.tried.capacity() <= KEPT_FRAMES {
            SCRATCH.with_borrow_mut(|kept| std::mem::swap(kept, &mut scratch));
        }
    }
}

fn refill<T: Clone>(values: &mut Vec<T>, len: usize, value: T) {
    values.clear();
    values.resize(len, value);
}

fn same(a: u32, b: u32, fold: Fold) -> bool {
    let lower = |c: u32| if (0x41..=0x5A).contains(&c) { c + 32 } else { c };
    a == b
        || match fold {
            Fold::Exact => false,
            Fold::Ascii => lower(a) == lower(b),
            Fold::Unicode => {
                let (a, b) = (to_upper(a), to_upper(b));
                a == b || to_lower(a) == to_lower(b)
            }
        }
}
