//! The known name that is nearest to one that is not known.

/// The nearest of the names, if one is near enough to be what was meant.
pub fn nearest<'a, S: AsRef<str> + ?Sized>(name: &str, known: &'a [&'a S]) -> Option<&'a str> {
    let folded = fold(name);
    let scored = known.iter().map(|k| (distance(&folded, &fold(k.as_ref())), k.as_ref()));
    let (score, best) = scored.min_by_key(|(score, _)| *score)?;
    (score <= 1 + folded.len().max(best.len()) / 4).then_some(best)
}

/// Letter case, hyphens and underscores do not count.
fn fold(name: &str) -> Vec<char> {
    name.chars().filter(|c| !matches!(c, '-' | '_')).take(100).flat_map(char::to_lowercase).collect()
}

/// How many letters must be added, left out, changed or swapped with the next.
fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut table = vec![0; (a.len() + 1) * width];
    for (j, cell) in table.iter_mut().take(width).enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        table[i * width] = i;
        for j in 1..width {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (table[(i - 1) * width + j] + 1)
                .min(table[i * width + j - 1] + 1)
                .min(table[(i - 1) * width + j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(table[(i - 2) * width + j - 2] + 1);
            }
            table[i * width + j] = best;
        }
    }
    table[a.len() * width + b.len()]
}
