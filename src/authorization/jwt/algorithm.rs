//! `Algorithm`: the signatures that a token may bear.

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
};

/// A signature's algorithm, by its name in a token's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Es256,
    Es384,
}

/// With what kind of key, and how.
pub(super) enum Method {
    Rsa(&'static RsaParameters),
    Ecdsa(Curve, &'static EcdsaVerificationAlgorithm),
}

/// A curve of elliptic keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
}

impl Algorithm {
    /// Every one.
    pub const ALL: [Algorithm; 5] =
        [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512, Algorithm::Es256, Algorithm::Es384];

    /// What HTTP APIs take.
    pub const RSA: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512];

    /// The algorithm with that name.
    pub fn from_name(name: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Rs384 => "RS384",
            Algorithm::Rs512 => "RS512",
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
        }
    }

    pub(super) fn method(self) -> Method {
        match self {
            Algorithm::Rs256 => Method::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Rs384 => Method::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            Algorithm::Rs512 => Method::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            Algorithm::Es256 => Method::Ecdsa(Curve::P256, &ECDSA_P256_SHA256_FIXED),
            Algorithm::Es384 => Method::Ecdsa(Curve::P384, &ECDSA_P384_SHA384_FIXED),
        }
    }
}

impl Curve {
    /// Bytes of a coordinate.
    pub(super) fn size(self) -> usize {
        match self {
            Curve::P256 => 32,
            Curve::P384 => 48,
        }
    }
}
