//! The chunked transfer coding, taken off piece by piece.

use bytes::{Buf, Bytes, BytesMut};

/// Bytes of a chunk-size or trailer line.
const LINE: usize = 8 * 1024;

/// Where in the coding we are.
#[derive(Debug, Default)]
pub enum Chunked {
    /// Before a chunk-size line.
    #[default]
    Size,
    /// Within a chunk; so many bytes are left.
    Data(u64),
    /// Before the line end behind a chunk.
    DataEnd,
    /// In the trailers.
    Trailers,
}

/// What was found.
pub enum Step {
    /// A piece of the body.
    Data(Bytes),
    /// The body is complete.
    End,
    /// More bytes are needed.
    More,
    /// Not the chunked coding.
    Bad,
}

impl Chunked {
    /// Takes the next piece from the buffer.
    pub fn take(&mut self, buffer: &mut BytesMut) -> Step {
        loop {
            match self {
                Chunked::Data(left) => {
                    if buffer.is_empty() {
                        return Step::More;
                    }
                    let length = (buffer.len() as u64).min(*left) as usize;
                    *left -= length as u64;
                    if *left == 0 {
                        *self = Chunked::DataEnd;
                    }
                    return Step::Data(buffer.split_to(length).freeze());
                }
                Chunked::Size | Chunked::DataEnd | Chunked::Trailers => {
                    let Some(end) = memchr::memchr(b'\n', buffer) else {
                        return if buffer.len() > LINE { Step::Bad } else { Step::More };
                    };
                    let line = buffer[..end].strip_suffix(b"\r").unwrap_or(&buffer[..end]);
                    let next = match self {
                        Chunked::DataEnd if line.is_empty() => Chunked::Size,
                        Chunked::Trailers if line.is_empty() => {
                            buffer.advance(end + 1);
                            return Step::End;
                        }
                        Chunked::Trailers => Chunked::Trailers,
                        Chunked::Size => match size(line) {
                            Some(0) => Chunked::Trailers,
                            Some(size) => Chunked::Data(size),
                            None => return Step::Bad,
                        },
                        _ => return Step::Bad,
                    };
                    buffer.advance(end + 1);
                    *self = next;
                }
            }
        }
    }
}

fn size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|b| *b == b';').next()?.trim_ascii();
    let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u64::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body of a coding that arrives in pieces of `step` bytes, and what is left behind it.
    fn decode(coded: &[u8], step: usize) -> Option<(Vec<u8>, usize)> {
        let (mut buffer, mut body, mut chunked) = (BytesMut::new(), Vec::new(), Chunked::default());
        let mut pieces = coded.chunks(step);
        loop {
            match chunked.take(&mut buffer) {
                Step::Data(data) => body.extend_from_slice(&data),
                Step::More => buffer.extend_from_slice(pieces.next()?),
                Step::End => return Some((body, buffer.len() + pieces.map(<[u8]>::len).sum::<usize>())),
                Step::Bad => return None,
            }
        }
    }

    #[test]
    fn whatever_the_pieces() {
        let coded = b"5\r\nhello\r\nA;x=y\r\n, world!!\n\r\n0\r\nTrailer: x\r\n\r\nNEXT";
        for step in 1..=coded.len() {
            assert_eq!(decode(coded, step), Some((b"hello, world!!\n".to_vec(), 4)), "in pieces of {step}");
        }
    }

    #[test]
    fn refuses_what_is_not_chunked() {
        for bad in ["x\r\n", "\r\n", "5\r\nhelloX\r\n", "-1\r\n", "+1\r\n", "fffffffffffffffff\r\n"] {
            assert_eq!(decode(bad.as_bytes(), 3), None, "{bad:?}");
        }
    }
}
