//! A pattern as steps for the backtracking machine, in the shape that Java's own matcher gives it.

use std::sync::Arc;

use super::ast::{Assertion, Ast, Behind, Fold, Kind, Node, Repeat};
use super::charset::CharSet;
use super::study::Loop;

/// One step.
#[derive(Debug, Clone)]
pub(super) enum Instruction {
    /// Take one character.
    One(One),
    /// Take as many as the quantifier wants.
    Run {
        one: One,
        min: u32,
        max: u32,
        kind: Kind,
    },
    /// Go to the first, later to the second.
    Split(usize, usize),
    /// Go there.
    Jump(usize),
    /// Remember where a group starts.
    Open(usize),
    /// A group ends: set it. With `skip_empty` not if it is empty.
    Close {
        group: usize,
        slot: usize,
        skip_empty: bool,
    },
    /// Before a loop; its first round follows.
    Enter(usize),
    /// Count one more round of the loop and go there.
    Round(usize, usize),
    /// After a loop that counts: forget the count.
    Leave(usize),
    /// After a round: the next round follows at the next step, the exit is beyond it.
    Again(usize),
    /// The steps up to `Accept` are tried on their own, then it goes on at `after`.
    Body {
        body: Body,
        after: usize,
    },
    /// The end of a body.
    Accept,
    /// The end of the pattern.
    Match,
    Backref(usize, Fold),
    Assert(Assertion),
    LineBreak,
    Grapheme,
}

/// What takes one character.
#[derive(Debug, Clone)]
pub(super) enum One {
    Char(u32),
    Set(Arc<CharSet>),
}

impl One {
    /// Whether it takes this character.
    #[inline]
    pub(super) fn takes(&self, c: u32) -> bool {
        match self {
            One::Char(wanted) => *wanted == c,
            One::Set(set) => set.contains(c),
        }
    }
}

/// What becomes of a part that is tried on its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body {
    /// It is kept as it matched first.
    Atomic,
    /// It is repeated so.
    Possessive { min: u32, max: u32 },
    /// It must match, or must not, without taking anything.
    Ahead { negated: bool },
    /// The same, ending here.
    Behind { negated: bool, reach: Behind },
}

/// A loop around steps that are more than one character.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounds {
    /// Where the start of the latest round is kept.
    pub(super) slot: usize,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) lazy: bool,
    /// Whether Java tries each round on its own.
    pub(super) apart: bool,
    /// The step after the loop.
    pub(super) exit: usize,
}

impl Rounds {
    /// How many different counts of rounds make a difference.
    pub(super) fn counts(&self) -> u32 {
        match (self.min, self.max) {
            (0 | 1, u32::MAX) => 1,
            (min, u32::MAX) => min.saturating_add(1),
            (_, max) => max.saturating_add(1),
        }
    }
}

/// A pattern for the machine.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) steps: Vec<Instruction>,
    pub(super) loops: Vec<Rounds>,
    /// How many start positions it keeps.
    pub(super) slots: usize,
    /// How many groups it has, the whole match included.
    pub(super) groups: usize,
    /// Whether what can follow depends on the step, the position and the counts of loops alone, so that no such state need
    /// be tried twice.
    pub(super) memoizable: bool,
    /// Whether it has back references.
    pub(super) backrefs: bool,
}

/// Compiles a pattern.
pub(super) fn compile(ast: &Ast) -> Program {
    let mut program = Program {
        steps: Vec::new(),
        loops: Vec::new(),
        slots: 0,
        groups: ast.groups + 1,
        memoizable: true,
        backrefs: false,
    };
    program.emit(&ast.node);
    program.steps.push(Instruction::Match);
    let states = program.loops.iter().try_fold(1u32, |states, rounds| states.checked_mul(rounds.counts()));
    program.memoizable &= states.is_some();
    program
}

impl Program {
    fn push(&mut self, step: Instruction) -> usize {
        self.steps.push(step);
        self.steps.len() - 1
    }

    fn emit(&mut self, node: &Node) {
        match node {
            Node::Empty => {}
            Node::Char(c) => _ = self.push(Instruction::One(One::Char(*c))),
            Node::Set(set) => _ = self.push(Instruction::One(One::Set(Arc::clone(set)))),
            Node::Concat(parts) => parts.iter().for_each(|part| self.emit(part)),
            Node::Alternate(branches) => self.emit_branches(branches),
            Node::Group(group, inner) => self.emit_group(*group, inner),
            Node::Repeat(repeat) => self.emit_repeat(repeat),
            Node::Look(look) => {
                let body = match look.behind {
                    None => Body::Ahead { negated: look.negated },
                    Some(reach) => Body::Behind { negated: look.negated, reach },
                };
                self.emit_body(body, &look.node);
            }
            Node::Atomic(inner) => self.emit_body(Body::Atomic, inner),
            Node::Backref(group, fold) => {
                (self.memoizable, self.backrefs) = (false, true);
                self.push(Instruction::Backref(*group, *fold));
            }
            Node::Assert(assertion) => _ = self.push(Instruction::Assert(*assertion)),
            Node::LineBreak => _ = self.push(Instruction::LineBreak),
            Node::Grapheme => _ = self.push(Instruction::Grapheme),
        }
    }

    fn emit_branches(&mut self, branches: &[Node]) {
        let mut jumps = Vec::new();
        for (at, branch) in branches.iter().enumerate() {
            if at + 1 == branches.len() {
                self.emit(branch);
                break;
            }
            let split = self.push(Instruction::Split(0, 0));
            self.emit(branch);
            jumps.push(self.push(Instruction::Jump(0)));
            self.steps[split] = Instruction::Split(split + 1, self.steps.len());
        }
        for jump in jumps {
            self.steps[jump] = Instruction::Jump(self.steps.len());
        }
    }

    fn new_slot(&mut self) -> usize {
        self.slots += 1;
        self.slots - 1
    }

    fn emit_group(&mut self, group: Option<usize>, inner: &Node) {
        let Some(group) = group else { return self.emit(inner) };
        let slot = self.new_slot();
        self.push(Instruction::Open(slot));
        self.emit(inner);
        self.push(Instruction::Close { group, slot, skip_empty: false });
    }

    fn emit_body(&mut self, body: Body, inner: &Node) {
        let start = self.push(Instruction::Body { body, after: 0 });
        self.emit(inner);
        self.push(Instruction::Accept);
        self.steps[start] = Instruction::Body { body, after: self.steps.len() };
    }

    fn emit_repeat(&mut self, repeat: &Repeat) {
        let Repeat { node, min, kind, .. } = repeat;
        let (min, max) = (*min, repeat.most().unwrap_or(u32::MAX));
        let one = match node {
            Node::Char(c) => Some(One::Char(*c)),
            Node::Set(set) => Some(One::Set(Arc::clone(set))),
            _ => None,
        };
        match (Loop::of(repeat), one) {
            (_, Some(one)) => _ = self.push(Instruction::Run { one, min, max, kind: *kind }),
            (_, None) if *kind == Kind::Possessive => self.emit_body(Body::Possessive { min, max }, node),
            (Loop::Optional, None) => self.emit_optional(*kind, |program| program.emit(node)),
            (Loop::Question, None) => self.emit_optional(*kind, |program| program.emit_atom(node)),
            (which, None) => self.emit_loop(repeat, which == Loop::FixedGroup),
        }
    }

    fn emit_optional(&mut self, kind: Kind, emit: impl FnOnce(&mut Program)) {
        let split = self.push(Instruction::Split(0, 0));
        emit(self);
        let (body, after) = (split + 1, self.steps.len());
        self.steps[split] =
            if kind == Kind::Lazy { Instruction::Split(after, body) } else { Instruction::Split(body, after) };
    }

    /// What Java's plain loops repeat is tried once a round; only `\R` could match in a second way.
    fn emit_atom(&mut self, node: &Node) {
        match node {
            Node::LineBreak => self.emit_body(Body::Atomic, node),
            _ => self.emit(node),
        }
    }

    fn emit_loop(&mut self, repeat: &Repeat, fixed: bool) {
        let (slot, id) = (self.new_slot(), self.loops.len());
        let apart = fixed || !matches!(repeat.node, Node::Group(..));
        let (min, max) = (repeat.min, repeat.most().unwrap_or(u32::MAX));
        self.loops.push(Rounds { slot, min, max, lazy: repeat.kind == Kind::Lazy, apart, exit: 0 });
        self.push(Instruction::Enter(id));
        let first = self.push(Instruction::Open(slot));
        match &repeat.node {
            Node::Group(group, inner) => {
                // In a group that can match in one way only, Java leaves the groups within as the last try set them.
                if fixed && has_capture(inner) || matches!(**inner, Node::LineBreak) {
                    self.emit_body(Body::Atomic, inner);
                } else {
                    self.emit(inner);
                }
                if let Some(group) = *group {
                    self.push(Instruction::Close { group, slot, skip_empty: fixed && min == 0 });
                }
            }
            node => self.emit_atom(node),
        }
        self.push(Instruction::Again(id));
        self.push(Instruction::Round(id, first));
        self.loops[id].exit = self.steps.len();
        if self.loops[id].counts() > 1 {
            self.push(Instruction::Leave(id));
        }
    }
}

fn has_capture(node: &Node) -> bool {
    match node {
        Node::Group(group, inner) => group.is_some() || has_capture(inner),
        Node::Atomic(inner) => has_capture(inner),
        Node::Concat(parts) | Node::Alternate(parts) => parts.iter().any(has_capture),
        Node::Repeat(repeat) => has_capture(&repeat.node),
        Node::Look(look) => has_capture(&look.node),
        _ => false,
    }
}
