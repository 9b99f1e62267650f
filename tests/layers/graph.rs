//! Which file needs which: references followed through doors and re-exports to where the name is defined.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::Source;

/// The files, and for each what it refers to in others.
pub struct Graph<'s> {
    sources: &'s [Source],
    modules: BTreeMap<&'s [String], usize>,
    /// For each file, the files that it needs, and one reference that says so.
    needs: Vec<BTreeMap<usize, String>>,
}

impl<'s> Graph<'s> {
    pub fn of(sources: &'s [Source]) -> Graph<'s> {
        let modules = sources.iter().enumerate().map(|(n, source)| (source.module.as_slice(), n)).collect();
        let mut graph = Graph { sources, modules, needs: Vec::new() };
        graph.needs = (0..sources.len()).map(|file| graph.needs_of(file)).collect();
        graph
    }

    /// Every reference of a file to the crate, as a path from the crate's root, with its line.
    pub fn references(&self, file: usize) -> Vec<(usize, Vec<String>)> {
        let source = &self.sources[file];
        let uses = source.uses.iter().map(|used| (used.line, self.absolute(source, &used.path)));
        let paths = source.paths.iter().map(|(line, path)| {
            let alias = source.uses.iter().find(|used| used.name == path[0] && used.path.len() > 1);
            let absolute = match alias {
                Some(used) => self.absolute(source, &used.path).map(|base| [&base, &path[1..]].concat()),
                None => self.absolute(source, path),
            };
            (*line, absolute)
        });
        uses.chain(paths).filter_map(|(line, path)| Some((line, path?))).collect()
    }

    /// Circles of more than one file, each with the references that close it.
    pub fn circles(&self) -> Vec<(Vec<String>, Vec<String>)> {
        let reached: Vec<BTreeSet<usize>> = (0..self.needs.len()).map(|file| self.reached_from(file)).collect();
        let mut circles = Vec::new();
        let mut seen = BTreeSet::new();
        for file in 0..reached.len() {
            let circle: Vec<usize> =
                reached[file].iter().copied().filter(|there| reached[*there].contains(&file)).collect();
            if circle.len() < 2 || !seen.insert(circle.clone()) {
                continue;
            }
            let within = |from: &usize| {
                let needs = self.needs[*from].iter().filter(|(to, _)| circle.contains(to));
                needs.map(|(to, why)| format!("{} → {} ({why})", self.name(*from), self.name(*to))).collect::<Vec<_>>()
            };
            circles.push((circle.iter().map(|n| self.name(*n)).collect(), circle.iter().flat_map(within).collect()));
        }
        circles
    }

    fn name(&self, file: usize) -> String {
        self.sources[file].file.trim_end_matches(".rs").to_owned()
    }

    fn reached_from(&self, file: usize) -> BTreeSet<usize> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![file]);
        while let Some(next) = open.pop() {
            open.extend(self.needs[next].keys().copied().filter(|there| reached.insert(*there)));
        }
        reached
    }

    fn needs_of(&self, file: usize) -> BTreeMap<usize, String> {
        let mut needs = BTreeMap::new();
        for (line, path) in self.references(file) {
            if let Some(there) = self.defining_file(&path, 0).filter(|there| *there != file) {
                needs.entry(there).or_insert_with(|| format!("line {line}: {}", path.join("::")));
            }
        }
        needs
    }

    /// A path from the crate's root; `None` when it leads out of the crate or to a name of the file's own.
    fn absolute(&self, source: &Source, path: &[String]) -> Option<Vec<String>> {
        let mut here = source.module.clone();
        match path.first()?.as_str() {
            "crate" | "stagegate" => Some(path[1..].to_vec()),
            "self" => Some([&here, &path[1..]].concat()),
            "super" => {
                let ups = path.iter().take_while(|name| *name == "super").count();
                here.truncate(here.len().checked_sub(ups)?);
                Some([&here, &path[ups..]].concat())
            }
            _ => {
                let child = [here.as_slice(), &path[..1]].concat();
                self.modules.contains_key(child.as_slice()).then(|| [here.as_slice(), path].concat())
            }
        }
    }

    /// The file that defines what the path names, behind all doors. `depth` ends re-exports that go round.
    fn defining_file(&self, path: &[String], depth: usize) -> Option<usize> {
        let modules = (0..=path.len()).rev().find(|n| self.modules.contains_key(&path[..*n]))?;
        let file = self.modules[&path[..modules]];
        let Some(name) = path.get(modules).filter(|name| *name != "*" && depth < 8) else { return Some(file) };
        let source = &self.sources[file];
        let behind = |used: &[String]| self.defining_file(&self.absolute(source, used)?, depth + 1);
        if let Some(used) = source.uses.iter().find(|used| used.name == *name) {
            return behind(&used.path).or(Some(file));
        }
        let all = source.uses.iter().filter(|used| used.name == "*").filter_map(|used| behind(&used.path));
        Some(all.into_iter().find(|there| self.defines(*there, name)).unwrap_or(file))
    }

    fn defines(&self, file: usize, name: &str) -> bool {
        let kinds = ["struct", "enum", "trait", "fn", "const", "static", "type"];
        let code = &self.sources[file].code;
        kinds.iter().any(|kind| {
            let item = format!("pub {kind} {name}");
            code.match_indices(&item)
                .any(|(at, _)| !code[at + item.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    }
}
