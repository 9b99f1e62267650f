//! How HTTP APIs spell the names of an answer's headers: each word with a capital, `Myheader`, `X-Amz-Id` (recorded on AWS).

/// The name as it is sent over HTTP/1.1.
pub(crate) fn canonical(name: &[u8]) -> Vec<u8> {
    let mut at_start = true;
    let letter = |byte: &u8| {
        let spelled = if at_start { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
        at_start = *byte == b'-';
        spelled
    };
    name.iter().map(letter).collect()
}
