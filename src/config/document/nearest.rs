//! The known name that is nearest to one that is not known.

/// The nearest of the names, if one is near enough to be what was meant: a slip in every four letters, and one more.
pub(crate) fn nearest<'a, S: AsRef<str> + ?Sized>(name: &str, known: &'a [&'a S]) -> Option<&'a str> {
    let folded = fold(name);
    // Two letters swapped are one slip, as people make it: the optimal string alignment distance counts them so.
    let scored = known.iter().map(|k| (strsim::osa_distance(&folded, &fold(k.as_ref())), k.as_ref()));
    let (score, best) = scored.min_by_key(|(score, _)| *score)?;
    (score <= 1 + folded.chars().count().max(best.len()) / 4).then_some(best)
}

/// The end of a message that says which name is nearest, if one is.
pub(crate) fn hint<S: AsRef<str> + ?Sized>(name: &str, known: &[&S]) -> String {
    nearest(name, known).map(|name| format!("; the nearest is `{name}`")).unwrap_or_default()
}

/// Letter case, hyphens and underscores do not count; nor does what comes after a hundred letters, which is no name.
fn fold(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_')).take(100).flat_map(char::to_lowercase).collect()
}
