//! How long a part of a pattern can be and whether it can match in one way only, as Java reckons it: with 32-bit
//! arithmetic that overflows. It decides which look-behinds are refused and how far the others look back.

use super::ast::{Kind, Node, Repeat, Shape};

const NOTHING: Shape = Shape { min: 0, max: 0, bounded: true, fixed: true };

/// Which of Java's loops a quantifier becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loop {
    /// `?` or `{0,1}` on a group, greedy or lazy: an alternative.
    Optional,
    /// `?` or `{0,1}` on anything else.
    Question,
    /// A greedy `*`, `+` or `{n,}` on one character.
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
        let question = repeat.min == 0 && repeat.max == Some(1);
        match () {
            () if question && group => Loop::Optional,
            () if question => Loop::Question,
            () if group && repeat.shape.fixed => Loop::FixedGroup,
            () if group => Loop::Group,
            () if single && repeat.max.is_none() && repeat.kind == Kind::Greedy => Loop::Run,
            () => Loop::Atoms,
        }
    }
}

impl Shape {
    /// The shape of a part on its own.
    pub(super) fn of(node: &Node) -> Shape {
        Study::of(NOTHING, node)
    }
}

/// A sum over consecutive parts.
struct Study {
    shape: Shape,
    /// Java starts a new sum after each alternation and adds the earlier ones at the end, unchecked.
    earlier: Vec<Shape>,
}

impl Study {
    fn of(start: Shape, node: &Node) -> Shape {
        let mut study = Study { shape: start, earlier: Vec::new() };
        study.add(node);
        study.earlier.into_iter().rev().fold(study.shape, |sum, earlier| Shape {
            min: sum.min.wrapping_add(earlier.min),
            max: sum.max.wrapping_add(earlier.max),
            bounded: sum.bounded && earlier.bounded,
            fixed: false,
        })
    }

    fn add(&mut self, node: &Node) {
        match node {
            Node::Empty | Node::Assert(_) | Node::Look(_) => {}
            Node::Char(_) | Node::Set(_) => self.lengthen(1, 1),
            Node::LineBreak => self.lengthen(1, 2),
            Node::Grapheme => {
                // So Java never looks back far enough for one.
                self.lengthen(1, 0);
                self.shape.fixed = false;
            }
            Node::Concat(parts) => parts.iter().for_each(|part| self.add(part)),
            Node::Group(_, inner) => self.add(inner),
            Node::Atomic(inner) => self.shape = Study::of(self.shape, inner),
            Node::Backref(..) => self.shape.bounded = false,
            Node::Alternate(branches) => self.either(branches.iter().map(Shape::of)),
            Node::Repeat(repeat) => self.repeat(repeat),
        }
    }

    fn lengthen(&mut self, min: i32, max: i32) {
        self.shape.min = self.shape.min.wrapping_add(min);
        self.shape.max = self.shape.max.wrapping_add(max);
    }

    fn either(&mut self, branches: impl Iterator<Item = Shape>) {
        let (mut min, mut max) = (i32::MAX, -1);
        for branch in branches {
            min = min.min(branch.min);
            max = max.max(branch.max);
            self.shape.bounded &= branch.bounded;
        }
        self.lengthen(min, max);
        self.earlier.push(std::mem::replace(&mut self.shape, NOTHING));
    }

    fn repeat(&mut self, repeat: &Repeat) {
        match Loop::of(repeat) {
            Loop::Optional => self.either([repeat.shape, NOTHING].into_iter()),
            Loop::Question => {
                let min = self.shape.min;
                self.shape = Shape { min, fixed: false, ..Study::of(self.shape, &repeat.node) };
            }
            Loop::Run => {
                self.lengthen(repeat.min as i32, i32::MAX);
                self.shape.fixed = false;
            }
            Loop::Group => {
                self.shape.bounded = false;
                self.shape.fixed = false;
            }
            Loop::Atoms | Loop::FixedGroup => self.times(repeat),
        }
    }

    fn times(&mut self, repeat: &Repeat) {
        let (before, inner) = (self.shape, repeat.shape);
        let (least, most) = (repeat.min as i32, repeat.max.map_or(i32::MAX, |max| max as i32));
        let min = inner.min.wrapping_mul(least).wrapping_add(before.min);
        let max = inner.max.wrapping_mul(most).wrapping_add(before.max);
        self.shape = Shape {
            min: if min < before.min { 0x0FFF_FFFF } else { min },
            max,
            bounded: before.bounded && inner.bounded && max >= before.max,
            fixed: before.fixed && inner.fixed && least == most,
        };
    }
}
