//! Base64 with the standard alphabet, as `java.util.Base64` writes and takes it.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64_simd::{STANDARD, STANDARD_NO_PAD};

/// For the last letters: no white space; padding may be left out, and so may the zeros behind the last byte.
const LAST: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Appends the bytes as base64, padded.
pub(crate) fn encode(out: &mut Vec<u8>, bytes: &[u8]) {
    STANDARD.encode_append(bytes, out);
}

/// The bytes that the text stands for.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    // Up to the last four letters there is nothing to be lenient about.
    let (whole, last) = text.split_at(text.len().saturating_sub(1) / 4 * 4);
    let mut out = Vec::with_capacity(whole.len() / 4 * 3 + 3);
    STANDARD_NO_PAD.decode_append(whole, &mut out).ok()?;
    LAST.decode_vec(last, &mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_taken_or_refused_as_the_lenient_decoder_does() {
        let mut seed = 1_u64;
        let mut below = |limit: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % limit
        };
        let mut taken = 0;
        for _ in 0..20_000 {
            let mut text = Vec::new();
            encode(&mut text, &(0..below(120)).map(|_| below(256) as u8).collect::<Vec<_>>());
            assert_eq!(LAST.decode(&text).ok(), decode(&text));
            text.truncate(text.len() - below(4).min(text.len()));
            for _ in 0..below(3) {
                let (at, byte) = (below(text.len() + 1), b"=A+/-_ \n\0\x80z9"[below(12)]);
                match text.get_mut(at) {
                    Some(place) if below(2) == 0 => *place = byte,
                    _ => text.insert(at, byte),
                }
            }
            taken += usize::from(decode(&text).is_some());
            assert_eq!(LAST.decode(&text).ok(), decode(&text), "{}", String::from_utf8_lossy(&text));
        }
        assert!((5_000..15_000).contains(&taken), "{taken}");
    }
}
