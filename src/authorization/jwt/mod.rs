//! JSON Web Tokens: whether one is good for an authorizer, and what it says.
//!
//! ```text
//! text ─► Token::parse ─► authorizer.issuer (whose keys?) ─► Jwks ─► authorizer.admit: signature, claims, scopes ─► Admitted
//! ```
//!
//! Signatures are ring's, which TLS brings along: a JWT library would add its own reading of claims, which differs from each
//! of API Gateway's three, and a second set of ciphers. ring has no P-521, so ES512 is refused as an unknown algorithm.
//! `none` and the HS family have no name here at all.

mod algorithm;
mod authorizer;
mod claims;
mod cognito;
mod discovery;
mod fault;
mod http;
mod jwks;
mod rest;
mod strings;
mod token;

pub use algorithm::Algorithm;
pub use authorizer::{Admitted, TokenAuthorizer};
pub use cognito::{NotAUserPool, UserPool, UserPools};
pub use discovery::{DiscoveryFault, discovery_url, read_discovery};
pub use fault::{ClaimFault, JwtFault, KeyFault, TokenFault};
pub use http::HttpJwt;
pub use jwks::{Jwks, JwksError};
pub use rest::{AdditionalClaim, RestIssuer, RestJwt};
pub use token::{Token, bearer};
