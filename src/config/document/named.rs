//! `Named`: values by name, in the order of the document. Most maps of a definition have a handful of entries: those are looked through,
//! which costs less than hashing, and takes no memory but theirs.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// A map of so many entries is looked through.
const FEW: usize = 12;

/// Values by name, in the order of the document. Whoever writes names that collide makes the load of his own API slow.
#[derive(Debug, Clone)]
pub struct Named<T> {
    entries: Vec<(SmolStr, T)>,
    /// Where each name stands, when there are many.
    index: Option<Box<FxHashMap<SmolStr, usize>>>,
}

impl<T> Default for Named<T> {
    fn default() -> Named<T> {
        Named { entries: Vec::new(), index: None }
    }
}

impl<T> Named<T> {
    /// With room for so many.
    pub(crate) fn with_capacity(count: usize) -> Named<T> {
        Named { entries: Vec::with_capacity(count), index: None }
    }

    /// Of names that all differ; `None` when two do not.
    pub(crate) fn of_different(entries: Vec<(SmolStr, T)>) -> Option<Named<T>> {
        if entries.len() > FEW {
            let mut named = Named { entries, index: None };
            named.count();
            return (named.index.as_ref().is_some_and(|index| index.len() == named.len())).then_some(named);
        }
        let is_first = |(at, (name, _)): (usize, &(SmolStr, T))| entries[..at].iter().all(|(known, _)| known != name);
        entries.iter().enumerate().all(is_first).then_some(Named { entries, index: None })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What stands at a position.
    pub(crate) fn at(&self, at: usize) -> Option<(&SmolStr, &T)> {
        self.entries.get(at).map(pair)
    }

    /// Where a name stands.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(name).copied(),
            None => self.entries.iter().position(|(known, _)| known == name),
        }
    }

    /// The value of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.position(name).map(|at| &self.entries[at].1)
    }

    /// The same, with the name.
    pub(crate) fn get_key_value(&self, name: &str) -> Option<(&SmolStr, &T)> {
        self.position(name).map(|at| pair(&self.entries[at]))
    }

    /// The same, to change it.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.position(name).map(|at| &mut self.entries[at].1)
    }

    /// The value of that name, which is put in when there is none.
    pub(crate) fn get_or_insert_with(&mut self, name: SmolStr, value: impl FnOnce() -> T) -> &mut T {
        let at = self.position(&name).unwrap_or_else(|| self.push(name, value()));
        &mut self.entries[at].1
    }

    /// Whether the name is there.
    pub(crate) fn contains_key(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Puts a value in, behind the others or in place of the one of that name, which comes back.
    pub(crate) fn insert(&mut self, name: SmolStr, value: T) -> Option<T> {
        match self.position(&name) {
            Some(at) => Some(std::mem::replace(&mut self.entries[at].1, value)),
            None => {
                self.push(name, value);
                None
            }
        }
    }

    fn push(&mut self, name: SmolStr, value: T) -> usize {
        let at = self.entries.len();
        if let Some(index) = &mut self.index {
            index.insert(name.clone(), at);
        }
        self.entries.push((name, value));
        if self.index.is_none() && at >= FEW {
            self.count();
        }
        at
    }

    fn count(&mut self) {
        let index = || self.entries.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
        self.index = (self.entries.len() > FEW).then(|| Box::new(index()));
    }

    /// Takes the value of that name out; the others keep their order.
    pub(crate) fn shift_remove(&mut self, name: &str) -> Option<T> {
        let (_, value) = self.entries.remove(self.position(name)?);
        self.count();
        Some(value)
    }

    /// Keeps what is wanted.
    pub(crate) fn retain(&mut self, mut is_wanted: impl FnMut(&str, &T) -> bool) {
        self.entries.retain(|(name, value)| is_wanted(name, value));
        self.count();
    }

    /// Lets go of room that is not needed.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.entries.shrink_to_fit();
    }

    /// The first one.
    pub(crate) fn first(&self) -> Option<(&SmolStr, &T)> {
        self.entries.first().map(pair)
    }

    /// All in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&SmolStr, &T)> {
        self.into_iter()
    }

    /// The names in their order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &SmolStr> {
        self.entries.iter().map(|(name, _)| name)
    }

    /// All in their order, to change the values.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&SmolStr, &mut T)> {
        self.entries.iter_mut().map(|(name, value)| (&*name, value))
    }
}

fn pair<T>((name, value): &(SmolStr, T)) -> (&SmolStr, &T) {
    (name, value)
}

impl<'a, T> IntoIterator for &'a Named<T> {
    type Item = (&'a SmolStr, &'a T);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (SmolStr, T)>, fn(&'a (SmolStr, T)) -> (&'a SmolStr, &'a T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter().map(pair)
    }
}

impl<T> IntoIterator for Named<T> {
    type Item = (SmolStr, T);
    type IntoIter = std::vec::IntoIter<(SmolStr, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<T> Extend<(SmolStr, T)> for Named<T> {
    fn extend<I: IntoIterator<Item = (SmolStr, T)>>(&mut self, more: I) {
        for (name, value) in more {
            self.insert(name, value);
        }
    }
}

impl<T> FromIterator<(SmolStr, T)> for Named<T> {
    fn from_iter<I: IntoIterator<Item = (SmolStr, T)>>(all: I) -> Named<T> {
        let all = all.into_iter();
        let mut named = Named::with_capacity(all.size_hint().0);
        named.extend(all);
        named
    }
}

/// In whatever order.
impl<T: PartialEq> PartialEq for Named<T> {
    fn eq(&self, other: &Named<T>) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same as a map that is known to work does, at every size around the one from which names are hashed.
    #[test]
    fn many_and_few_are_found_alike() {
        for count in [0, 1, FEW - 1, FEW, FEW + 1, FEW + 2, 100] {
            let mut named = Named::default();
            let mut known = indexmap::IndexMap::new();
            for n in (0..count).chain(0..count / 2) {
                let name = format!("name {n}");
                assert_eq!(named.insert(name.as_str().into(), (n, known.len())), known.insert(name, (n, known.len())));
            }
            let same = |named: &Named<_>, known: &indexmap::IndexMap<String, _>| {
                assert!(
                    named
                        .iter()
                        .map(|(name, value)| (name.as_str(), value))
                        .eq(known.iter().map(|(n, v)| (n.as_str(), v)))
                );
                assert!(known.iter().all(|(name, value)| named.get(name) == Some(value)));
                assert_eq!((named.len(), named.get("none")), (known.len(), None));
            };
            same(&named, &known);
            for n in [count / 2, 0, count] {
                let name = format!("name {n}");
                assert_eq!(named.shift_remove(&name), known.shift_remove(&name));
                same(&named, &known);
            }
            let backwards: Named<_> = named.clone().into_iter().rev().collect();
            assert_eq!(named, backwards);
            *named.get_or_insert_with("more".into(), || (7, 7)) = (8, 8);
            assert_eq!(named.get("more"), Some(&(8, 8)));
            assert_ne!(named, backwards);
        }
    }
}
