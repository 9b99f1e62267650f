//! How many buckets a `java.util.HashMap` has: with the keys' hashes that is its order.

/// How many buckets a `HashMap` has that once held so many entries.
pub(super) fn capacity(entries: usize) -> usize {
    let mut capacity = 16;
    while entries * 4 > capacity * 3 {
        capacity *= 2;
    }
    capacity
}

/// How many buckets a `HashMap` gets that is made for so many entries at once.
pub(super) fn tight_capacity(entries: usize) -> usize {
    (entries * 4 / 3 + 1).next_power_of_two()
}
