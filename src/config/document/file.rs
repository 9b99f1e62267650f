//! A file to its text, with a finding for each way in which that can go wrong.

use std::hint::black_box;
use std::path::Path;

use super::limit::FILE_BYTES;
use super::report::{Place, Report};

/// Bytes of a file whose tree is large.
const LARGE: u64 = 1024 * 1024;
/// Bytes of nearly the largest block that glibc ever takes from its heap.
const ROOM: usize = 31 * 1024 * 1024;

/// Reads a file; says what is wrong with it.
pub(crate) fn read(path: &Path, place: &Place, report: &Report) -> Option<String> {
    let shown = path.display();
    let size = match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            report.error(place, "unreadable-file", format!("`{shown}` is a folder, not a file"));
            return None;
        }
        Ok(metadata) => metadata.len(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            report.error(place, "missing-file", format!("file `{shown}` does not exist"));
            return None;
        }
        Err(e) => {
            report.error(place, "unreadable-file", format!("file `{shown}` cannot be read: {}", e.kind()));
            return None;
        }
    };
    if size > FILE_BYTES {
        report.error(
            place,
            "unreadable-file",
            format!("file `{shown}` has {size} bytes; at most {FILE_BYTES} are read"),
        );
        return None;
    }
    if size > LARGE {
        make_room();
    }
    match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => {
            report.reads(path, &text);
            Some(text)
        }
        Ok(Err(e)) => {
            let line = memchr::memchr_iter(b'\n', &e.as_bytes()[..e.utf8_error().valid_up_to()]).count() + 1;
            report.error(&Place::of_file(path, line), "syntax", "not UTF-8".to_owned());
            None
        }
        Err(e) => {
            report.error(place, "unreadable-file", format!("file `{shown}` cannot be read: {}", e.kind()));
            None
        }
    }
}

/// Has the allocator take much memory at once, of which nothing is touched. glibc's heap grows by 128 KiB otherwise, and a block that
/// is larger than all that were given back before is mapped by itself: hundreds of system calls, and new pages where used ones would
/// do. That is a fifteenth of the time in which a definition of ten thousand methods loads.
fn make_room() {
    for _ in 0..2 {
        let mut room = Vec::<u8>::new();
        // Without it all goes on, too.
        let _ = room.try_reserve_exact(ROOM);
        drop(black_box(room));
    }
}
