//! Where a body ends, as its head says it: the one reading for requests and answers.

/// What the header lines seen so far say of the body's end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Nothing: a request has no body then, an answer's ends with its connection.
    #[default]
    Unsaid,
    /// After so many bytes.
    Length(u64),
    /// With the last chunk.
    Chunked,
    /// A transfer coding that is not chunked at its end: refused in a request, until the connection's end in an answer.
    Unknown,
}

impl Framing {
    /// Takes another header line into account. A transfer coding wins over a length, whichever comes first (RFC 9112, 6.3).
    pub(crate) fn see(&mut self, name: &[u8], value: &[u8]) -> Result<(), String> {
        match name.len() {
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let length = length(value).ok_or_else(|| format!("content-length `{}`", value.escape_ascii()))?;
                match *self {
                    Framing::Unsaid => *self = Framing::Length(length),
                    Framing::Length(other) if other != length => return Err("two content-lengths that differ".into()),
                    Framing::Length(_) | Framing::Chunked | Framing::Unknown => {}
                }
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                let last = value.rsplit(|b| *b == b',').next().unwrap_or_default().trim_ascii();
                *self = if last.eq_ignore_ascii_case(b"chunked") { Framing::Chunked } else { Framing::Unknown };
            }
            _ => {}
        }
        Ok(())
    }
}

/// Digits only: Rust would take `+5` for a number, which others do not.
fn length(value: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    digits.parse().ok()
}

/// The status that an answer has in the end: an interim one (1xx) cannot be a response's.
pub(crate) fn final_status(status: u16) -> u16 {
    if matches!(status, 200..=999) { status } else { 500 }
}

/// Whether an answer of that status has no body whatever its head says.
pub(crate) fn is_bodiless(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 304)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_where_their_bodies_end() {
        type Lines = [(&'static str, &'static str)];
        let cases: [(&Lines, Result<Framing, &str>); 10] = [
            (&[("Host", "x")], Ok(Framing::Unsaid)),
            (&[("CONTENT-length", "7")], Ok(Framing::Length(7))),
            (&[("Content-Length", "7"), ("content-length", "7")], Ok(Framing::Length(7))),
            (&[("Content-Length", "7"), ("Content-Length", "8")], Err("two content-lengths that differ")),
            (&[("Content-Length", "+7")], Err("content-length `+7`")),
            (&[("Content-Length", "")], Err("content-length ``")),
            (&[("Content-Length", "7"), ("Transfer-Encoding", "gzip, Chunked")], Ok(Framing::Chunked)),
            (&[("Transfer-Encoding", "chunked"), ("Content-Length", "7")], Ok(Framing::Chunked)),
            (&[("Transfer-Encoding", "chunked, gzip")], Ok(Framing::Unknown)),
            (&[("Transfer-Encoding", "gzip"), ("Content-Length", "7")], Ok(Framing::Unknown)),
        ];
        for (lines, expected) in cases {
            let mut framing = Framing::default();
            let seen = lines.iter().try_for_each(|(name, value)| framing.see(name.as_bytes(), value.as_bytes()));
            assert_eq!(seen.map(|()| framing), expected.map_err(str::to_owned), "{lines:?}");
        }
    }
}
