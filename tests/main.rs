//! The one test binary: every suite, and what they share.

mod jsonpath;
mod pattern;
mod support;
mod vtl;
