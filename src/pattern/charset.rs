//! A set of code points as sorted ranges: what every character class comes to.

/// The highest code point.
pub(super) const MAX: u32 = 0x10FFFF;

/// A set of code points, surrogates included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct CharSet {
    /// The first 128, for speed.
    ascii: u128,
    /// Sorted, disjoint, not touching; both ends belong to the range.
    ranges: Vec<(u32, u32)>,
}

impl CharSet {
    /// The set of these ranges, in whatever order.
    pub(super) fn new(mut ranges: Vec<(u32, u32)>) -> CharSet {
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (start, end) in ranges {
            match merged.last_mut() {
                Some(last) if start <= last.1.saturating_add(1) => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        CharSet::sorted(merged)
    }

    /// The set of these code points.
    pub(super) fn of(chars: &[u32]) -> CharSet {
        CharSet::new(chars.iter().map(|&c| (c, c)).collect())
    }

    /// The set of one range.
    pub(super) fn range(start: u32, end: u32) -> CharSet {
        CharSet::new(vec![(start, end)])
    }

    /// Every code point.
    pub(super) fn all() -> CharSet {
        CharSet::range(0, MAX)
    }

    fn sorted(ranges: Vec<(u32, u32)>) -> CharSet {
        let mut ascii = 0u128;
        for &(start, end) in ranges.iter().take_while(|r| r.0 < 128) {
            for c in start..=end.min(127) {
                ascii |= 1 << c;
            }
        }
        CharSet { ascii, ranges }
    }

    /// The ranges, sorted and disjoint.
    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// Whether the code point is in it.
    pub(super) fn contains(&self, c: u32) -> bool {
        if c < 128 {
            return self.ascii >> c & 1 == 1;
        }
        let after = self.ranges.partition_point(|r| r.0 <= c);
        after > 0 && self.ranges[after - 1].1 >= c
    }

    /// What is in either.
    pub(super) fn union(&self, other: &CharSet) -> CharSet {
        let mut ranges = self.ranges.clone();
        ranges.extend_from_slice(&other.ranges);
        CharSet::new(ranges)
    }

    /// What is in both.
    pub(super) fn intersect(&self, other: &CharSet) -> CharSet {
        let (mut ranges, mut i, mut j) = (Vec::new(), 0, 0);
        while let (Some(a), Some(b)) = (self.ranges.get(i), other.ranges.get(j)) {
            let (start, end) = (a.0.max(b.0), a.1.min(b.1));
            if start <= end {
                ranges.push((start, end));
            }
            if a.1 < b.1 {
                i += 1;
            } else {
                j += 1;
            }
        }
        CharSet::sorted(ranges)
    }

    /// What is not in it.
    pub(super) fn negate(&self) -> CharSet {
        let (mut ranges, mut next) = (Vec::with_capacity(self.ranges.len() + 1), 0);
        for &(start, end) in &self.ranges {
            if start > next {
                ranges.push((next, start - 1));
            }
            next = end + 1;
        }
        if next <= MAX {
            ranges.push((next, MAX));
        }
        CharSet::sorted(ranges)
    }

    /// What is in it but not in the other.
    pub(super) fn minus(&self, other: &CharSet) -> CharSet {
        self.intersect(&other.negate())
    }
}
