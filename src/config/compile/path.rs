//! A resource's path template: its shape, and the id that follows from it.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::config::definition::written::Route;
use crate::config::document::{Report, Severity};

/// The path without doubled and trailing slashes, which routing does not see either (recorded on AWS: `/pets/` reaches `/pets`); `None` when no request could be routed by it.
pub(crate) fn normalize<'a>(route: &'a Route, report: &Report) -> Option<Cow<'a, str>> {
    let path = &route.path;
    let fail = |message: String| {
        report.error(&route.place, "path", message);
        None
    };
    if !path.starts_with('/') {
        // Where it is meant is plain: its methods answer 500 there.
        report.error(&route.place, "path", format!("path `{path}` does not begin with `/`"));
    }
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let mut names: Vec<&str> = Vec::new();
    for (n, segment) in segments.iter().enumerate() {
        match parameter(segment) {
            Some(name) if name.trim_end_matches('+').is_empty() => {
                return fail(format!("path `{path}` has a parameter without a name"));
            }
            Some(name) if name.ends_with('+') && n + 1 < segments.len() => {
                return fail(format!("path `{path}` goes on after `{segment}`, which takes all the rest"));
            }
            Some(name) if names.contains(&name) => return fail(format!("path `{path}` has `{{{name}}}` twice")),
            Some(name) => names.push(name),
            None => literal(route, segment, report),
        }
    }
    let length: usize = segments.iter().map(|segment| segment.len() + 1).sum();
    // A slash before each, and none besides.
    match path.starts_with('/') && length == path.len() {
        true => Some(Cow::Borrowed(path)),
        false => Some(Cow::Owned(format!("/{}", segments.join("/")))),
    }
}

/// The name of `{name}` or `{name+}`.
pub(crate) fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn literal(route: &Route, segment: &str, report: &Report) {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.,:~!$&'()*+;=@%".contains(&b);
    if !segment.bytes().all(plain) {
        let message = format!("segment `{segment}` of path `{}` is not one that API Gateway takes", route.path);
        report.warning(&route.place, "path", message);
    }
}

/// API Gateway refuses `/a/{x}` beside `/a/{y}/b`: one parent has one name for its parameter.
#[derive(Default)]
pub(crate) struct Siblings(FxHashMap<String, String>);

impl Siblings {
    /// Remembers a path; says so when it disagrees with an earlier one.
    pub(crate) fn check(&mut self, path: &str, route: &Route, report: &Report) {
        let mut end = 0;
        for segment in path.split('/').skip(1) {
            let parent = &path[..end];
            end += 1 + segment.len();
            if parameter(segment).is_none_or(|name| name.ends_with('+')) {
                continue;
            }
            let Some(first) = self.0.get(parent) else {
                self.0.insert(parent.to_owned(), segment.to_owned());
                continue;
            };
            if first != segment {
                let message = format!(
                    "`{segment}` has another name for what is `{first}` in an earlier path: API Gateway takes one name only"
                );
                report.add(Severity::Warning, &route.place, "sibling-parameter", message);
            }
        }
    }
}

/// Ten letters and digits, the same at each load.
pub(crate) fn resource_id(path: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in path.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // The low bits of FNV mix best, and ten digits in base 36 are 51 bits.
    hash ^= hash >> 32;
    let mut id = String::new();
    for _ in 0..10 {
        id.push(char::from(b"abcdefghijklmnopqrstuvwxyz0123456789"[(hash % 36) as usize]));
        hash /= 36;
    }
    id
}
