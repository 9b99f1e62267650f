//! Where the head of a request ends, however it is cut into pieces.

/// Looks for the empty line at a head's end, at each byte once.
#[derive(Default)]
pub(super) struct HeadEnd {
    seen: usize,
    /// The length of the last line so far, and whether it is a lone carriage return.
    line: usize,
    lone_cr: bool,
}

impl HeadEnd {
    /// The head's length; `head` begins as it did the last time.
    pub(super) fn find(&mut self, head: &[u8]) -> Option<usize> {
        if self.seen >= head.len() {
            return None;
        }
        let (bytes, mut start) = (&head[self.seen..], 0);
        for end in memchr::memchr_iter(b'\n', bytes) {
            let is_empty = match (self.line, &bytes[start..end]) {
                (0, [] | [b'\r']) => true,
                (1, []) => self.lone_cr,
                _ => false,
            };
            if is_empty {
                return Some(self.seen + end + 1);
            }
            (self.line, self.lone_cr, start) = (0, false, end + 1);
        }
        let rest = &bytes[start..];
        self.lone_cr = self.line == 0 && rest == b"\r";
        self.line += rest.len();
        self.seen = head.len();
        None
    }
}
