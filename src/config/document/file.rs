//! A file to its text, with a finding for each way in which that can go wrong.

use std::path::Path;

use super::limit::FILE_BYTES;
use super::report::{Place, Report};

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
