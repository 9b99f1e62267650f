//! How long a part of a pattern can be and whether it can match in one way only, as Java reckons it: with 32-bit
//! arithmetic that overflows. It decides which look-behinds are refused and how far the others look back.

use super::ast::{Kind, Node, Repeat, Shape};

const NOTHING: Shape = Shape { min: 0, max: 0, bounded: true, fixed: true };

/// Which of Java's loops a quantifier becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loop {
    /// `?` on a group, greedy or lazy: an alternative.
    Optional,
    /// `?` on anything else.
    Question,
    /// A greedy `*` or `+` on one character.
    Run,
    /// Repeats something that is tried once and not again.
    Atoms,
    /// Repeats a group that can match in one way only.
    FixedGroup,
    /// Repeats any other group.
    Group,
}

impl Loop {
    /// The loop for this quantifier.
    pub(super) fn of(repeat: &Repeat) -> Loop {
        let group = matches!(repeat.node, Node::Group(..)) && repeat.kind != Kind::Possessive;
        let single = matches!(repeat.node, Node::Char(_) | Node::Set(_));
        match () {
            () if repeat.question && group => Loop::Optional,
            () if repeat.question => Loop::Question,
            () if group && repeat.shape.fixed => Loop::FixedGroup,
            () if group => Loop::Group,
            () if single && repeat.max.is_none() && repeat.min <= 1 && repeat.kind == Kind::Greedy => Loop::Run,
            () => Loop::Atoms,
        }
    }
}

impl Shape {
    /// The shape of a part on its own.
    pub(super) fn of(node: &Node) -> Shape {
        let mut shape = NOTHING;
        shape.add(node);
        shape
    }

    fn add(&mut self, node: &Node) {
        match node {
            Node::Empty | Node::Assert(_) | Node::Look(_) => {}
            Node::Char(_) | Node::Set(_) => self.lengthen(1, 1),
            Node::LineBreak => self.lengthen(1, 2),
            Node::Grapheme => {
                // So Java never looks back far enough for one.
                self.lengthen(1, 0);
                self.fixed = false;
            }
            Node::Concat(parts) => {
                for part in parts {
                    self.add(part);
                }
            }
            Node::Group(_, inner) | Node::Atomic(inner) => self.add(inner),
            Node::Backref(..) => self.bounded = false,
            Node::Alternate(branches) => self.either(branches.iter().map(Shape::of)),
            Node::Repeat(repeat) => self.repeat(repeat),
        }
    }

    fn lengthen(&mut self, min: i32, max: i32) {
        self.min = self.min.wrapping_add(min);
        self.max = self.max.wrapping_add(max);
    }

    fn either(&mut self, branches: impl Iterator<Item = Shape>) {
        let (mut min, mut max) = (i32::MAX, -1);
        for branch in branches {
            min = min.min(branch.min);
            max = max.max(branch.max);
            self.bounded &= branch.bounded;
        }
        self.lengthen(min, max);
        self.fixed = false;
    }

    fn repeat(&mut self, repeat: &Repeat) {
        match Loop::of(repeat) {
            Loop::Optional => self.either([repeat.shape, NOTHING].into_iter()),
            Loop::Question => {
                self.lengthen(0, repeat.shape.max);
                self.bounded &= repeat.shape.bounded;
                self.fixed = false;
            }
            Loop::Run => {
                self.lengthen(repeat.min as i32, i32::MAX);
                self.fixed = false;
            }
            Loop::Group => {
                self.bounded = false;
                self.fixed = false;
            }
            Loop::Atoms | Loop::FixedGroup => self.times(repeat),
        }
    }

    fn times(&mut self, repeat: &Repeat) {
        let inner = repeat.shape;
        let (least, most) = (repeat.min as i32, repeat.max.map_or(i32::MAX, |max| max as i32));
        let min = inner.min.wrapping_mul(least).wrapping_add(self.min);
        self.min = if min < self.min { 0x0FFF_FFFF } else { min };
        let max = inner.max.wrapping_mul(most).wrapping_add(self.max);
        self.bounded = self.bounded && inner.bounded && max >= self.max;
        self.max = max;
        self.fixed = self.fixed && inner.fixed && least == most;
    }
}
