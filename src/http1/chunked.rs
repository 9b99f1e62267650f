//! The chunked transfer coding: the one decoder. It takes bytes as they come and keeps none, so that it serves a reader of
//! bodies as well as one that only looks for a body's end (httparse's wants the whole size line at once).

use super::head::is_token;

/// Bytes of a chunk's extensions, or of all trailers: who sends more wants to keep us busy.
const ASIDE: usize = 16 * 1024;

/// Where in the coding we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoder {
    place: Place,
    /// Bytes of the present extensions or trailers.
    aside: usize,
    /// Whether nothing is taken but what every reader takes alike.
    strict: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a chunk's size; whether there was a digit.
    Size { size: u64, digits: bool },
    /// In white space behind the size's digits.
    Space { size: u64 },
    /// Behind them, before the line's end.
    Extension { size: u64 },
    /// Within a chunk; so many bytes are left.
    Data(u64),
    /// Before the line end behind a chunk.
    DataEnd,
    /// In the trailers.
    Trailers(Line),
    /// Behind a carriage return: only a line feed may follow.
    Return { next: Next },
    /// Behind the coding.
    End,
}

/// Where in a trailer line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Start,
    Name,
    Value,
}

/// What a line's end leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Size,
    Data(u64),
    Trailers,
    End,
}

/// What the bytes that were taken are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Sizes, line ends, trailers.
    Coding,
    /// The body's.
    Data,
    /// The last ones: the body is complete.
    End,
}

/// These bytes are not the chunked coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl Default for Decoder {
    fn default() -> Decoder {
        Decoder { place: Next::Size.place(), aside: 0, strict: false }
    }
}

impl Next {
    fn place(self) -> Place {
        match self {
            Next::Size => Place::Size { size: 0, digits: false },
            Next::Data(0) | Next::Trailers => Place::Trailers(Line::Start),
            Next::Data(size) => Place::Data(size),
            Next::End => Place::End,
        }
    }
}

impl Decoder {
    /// For a request: what one reader takes and the next does not is how requests are smuggled.
    pub(crate) fn strict() -> Decoder {
        Decoder { strict: true, ..Decoder::default() }
    }

    /// Takes some of the bytes: how many, and what they are.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(usize, Piece), Malformed> {
        if let Place::Data(left) = &mut self.place {
            let taken = (bytes.len() as u64).min(*left);
            *left -= taken;
            if *left == 0 {
                self.place = Place::DataEnd;
            }
            return Ok((taken as usize, Piece::Data));
        }
        for (at, byte) in bytes.iter().enumerate() {
            self.place = self.after(*byte)?;
            match self.place {
                Place::Data(_) => return Ok((at + 1, Piece::Coding)),
                Place::End => return Ok((at + 1, Piece::End)),
                _ => {}
            }
        }
        Ok((bytes.len(), Piece::Coding))
    }

    /// Where a byte of the coding leads. A line may end without its carriage return, as some backends have it.
    fn after(&mut self, byte: u8) -> Result<Place, Malformed> {
        if self.strict && self.is_doubtful(byte) {
            return Err(Malformed);
        }
        let line_end = |next: Next| if byte == b'\r' { Place::Return { next } } else { next.place() };
        Ok(match (self.place, byte) {
            (Place::Size { size, digits: true } | Place::Space { size } | Place::Extension { size }, b'\r' | b'\n') => {
                self.aside = 0;
                line_end(Next::Data(size))
            }
            (Place::Size { size, digits: true } | Place::Space { size }, b';') => Place::Extension { size },
            (Place::Size { size, digits: true }, b' ' | b'\t') => Place::Space { size },
            (Place::Size { size, .. }, digit) => {
                let digit = (digit as char).to_digit(16).ok_or(Malformed)?;
                let size = size.checked_mul(16).ok_or(Malformed)? | u64::from(digit);
                Place::Size { size, digits: true }
            }
            (Place::Space { size }, b' ' | b'\t') => self.aside(Place::Space { size })?,
            (Place::Space { size } | Place::Extension { size }, _) => self.aside(Place::Extension { size })?,
            (Place::DataEnd, b'\r' | b'\n') => line_end(Next::Size),
            (Place::Trailers(Line::Start), b'\r' | b'\n') => line_end(Next::End),
            (Place::Trailers(_), b'\r' | b'\n') => line_end(Next::Trailers),
            (Place::Trailers(Line::Start | Line::Name), b':') => self.aside(Place::Trailers(Line::Value))?,
            (Place::Trailers(Line::Start), _) => self.aside(Place::Trailers(Line::Name))?,
            (Place::Trailers(line), _) => self.aside(Place::Trailers(line))?,
            (Place::Return { next }, b'\n') => next.place(),
            (Place::DataEnd | Place::Return { .. } | Place::Data(_) | Place::End, _) => return Err(Malformed),
        })
    }

    /// Whether the byte is taken here by some readers only: a lone line feed, an extension without its semicolon, a trailer that
    /// is no header line.
    fn is_doubtful(&self, byte: u8) -> bool {
        match self.place {
            Place::Return { .. } => false,
            _ if byte == b'\n' => true,
            Place::Space { .. } => !matches!(byte, b' ' | b'\t' | b';' | b'\r'),
            Place::Trailers(Line::Start) => byte != b'\r' && !is_token(&[byte]),
            Place::Trailers(Line::Name) => byte != b':' && !is_token(&[byte]),
            Place::Trailers(Line::Value) => (byte < b' ' && !matches!(byte, b'\t' | b'\r')) || byte == 0x7f,
            Place::Size { .. } | Place::Extension { .. } | Place::Data(_) | Place::DataEnd | Place::End => false,
        }
    }

    /// Counts a byte that nobody reads.
    fn aside(&mut self, place: Place) -> Result<Place, Malformed> {
        self.aside += 1;
        if self.aside > ASIDE { Err(Malformed) } else { Ok(place) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body of a coding that arrives in pieces of `step` bytes, and what is left behind it.
    fn decode(coded: &[u8], step: usize) -> Option<(Vec<u8>, usize)> {
        decode_with(Decoder::default(), coded, step)
    }

    fn decode_with(mut decoder: Decoder, coded: &[u8], step: usize) -> Option<(Vec<u8>, usize)> {
        let (mut body, mut at) = (Vec::new(), 0);
        while at < coded.len() {
            let bytes = &coded[at..(at + step).min(coded.len())];
            let (taken, piece) = decoder.take(bytes).ok()?;
            at += taken;
            match piece {
                Piece::Data => body.extend_from_slice(&bytes[..taken]),
                Piece::End => return Some((body, coded.len() - at)),
                Piece::Coding => {}
            }
        }
        None
    }

    #[test]
    fn whatever_the_pieces() {
        let coded = b"5\r\nhello\r\nA ;x=y\r\n, world!!\n\r\n2\n\r\n\n0\r\nTrailer: x\r\n\r\nNEXT";
        for step in 1..=coded.len() {
            assert_eq!(decode(coded, step), Some((b"hello, world!!\n\r\n".to_vec(), 4)), "in pieces of {step}");
        }
    }

    #[test]
    fn refuses_what_is_not_chunked() {
        let endless = format!("1;{}\r\n", "x".repeat(ASIDE + 1));
        let trailers = format!("0\r\n{}\r\n", "a: b\r\n".repeat(ASIDE / 4 + 1));
        for bad in [
            "x\r\n",
            "\r\n",
            ";x\r\n",
            "5\r\nhelloX\r\n",
            "-1\r\n",
            "+1\r\n",
            "5\rx\n",
            "fffffffffffffffff\r\n",
            &endless,
            &trailers,
        ] {
            assert_eq!(decode(bad.as_bytes(), 3), None, "{:?}", bad.get(..9));
        }
    }

    #[test]
    fn of_a_request_only_what_every_reader_takes_alike() {
        let takes = |coded: &str| decode_with(Decoder::strict(), coded.as_bytes(), 2).map(|(body, _)| body);
        assert_eq!(takes("2 \t;x=\"y\"\r\nhi\r\n00\r\nA: b\r\nC:\t\u{e9}\r\n\r\n"), Some(b"hi".to_vec()));
        for doubtful in [
            "2\nhi\r\n0\r\n\r\n",
            "2;x\nhi\r\n0\r\n\r\n",
            "2 x\r\nhi\r\n0\r\n\r\n",
            "2\r\nhi\n0\r\n\r\n",
            "2\r\nhi\r\n0\n\r\n",
            "2\r\nhi\r\n0\r\n\n",
            "2\r\nhi\r\n0\r\nA: b\n\r\n",
            "2\r\nhi\r\n0\r\nnone\r\n\r\n",
            "2\r\nhi\r\n0\r\n: b\r\n\r\n",
            "2\r\nhi\r\n0\r\n A: b\r\n\r\n",
            "2\r\nhi\r\n0\r\nA : b\r\n\r\n",
            "2\r\nhi\r\n0\r\nA: \u{1}\r\n\r\n",
        ] {
            assert_eq!(takes(doubtful), None, "{doubtful:?}");
        }
    }
}
