//! `List.subList`: a part of a list that stays one with it.
//!
//! Java's sub-list is a window on its list. Here it holds items of its own, brought up to date whenever it is looked at and
//! written back whenever it changes: templates make them seldom, so plain lists need not pay for them.

use std::cell::{Cell, RefCell};

use super::object::{List, ListCells, ListKind, Parent};

/// How deep sub-lists of sub-lists go: each look at one looks at those around it.
const MAX_PARTS: u32 = 100;

impl List {
    /// `subList(from, to)`: a view, which must lie inside this list. `None` beyond 100 views of views.
    pub fn part(&self, from: usize, to: usize) -> Option<List> {
        let depth = self.cells().parent.as_ref().map_or(0, |parent| parent.depth + 1);
        let items = RefCell::new(self.items().borrow()[from..to].to_vec());
        let parent = Parent { list: self.clone(), from, changes: Cell::new(self.changes()), depth };
        let cells = ListCells { kind: ListKind::Sub, items, changes: Cell::new(0), parent: Some(parent) };
        (depth < MAX_PARTS).then(|| List::of_cells(cells))
    }
    /// Makes a sub-list show what its list holds now; gives false when that list has grown or shrunk since.
    pub fn refresh(&self) -> bool {
        if self.kind() != ListKind::Sub {
            return true;
        }
        let Some(parent) = &self.cells().parent else { return true };
        if !parent.list.refresh() || parent.list.changes() != parent.changes.get() {
            return false;
        }
        let (Ok(all), Ok(mut items)) = (parent.list.items().try_borrow(), self.items().try_borrow_mut()) else {
            return true;
        };
        let to = parent.from + items.len();
        if let Some(part) = all.get(parent.from..to) {
            items.clone_from_slice(part);
        }
        true
    }
    /// Takes what a sub-list has become over into its list, where it took up so many places.
    pub fn write_back(&self, places: usize) {
        if self.kind() != ListKind::Sub {
            return;
        }
        let Some(parent) = &self.cells().parent else { return };
        let items = self.items().borrow().clone();
        let (before, now) = (parent.list.items().borrow().len(), items.len());
        parent.list.items().borrow_mut().splice(parent.from..parent.from + places, items);
        if now != places {
            parent.list.note_change();
        }
        parent.list.write_back(before);
        parent.changes.set(parent.list.changes());
    }
}
