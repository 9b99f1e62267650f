//! The one test binary: every suite, and what they share.

#![allow(clippy::panic, reason = "a test that cannot go on says why")]

mod cases;
mod check;
mod definitions;
mod deploy;
mod eval;
mod examples;
mod functions;
mod gateway;
mod json_text;
mod jsonpath;
mod layers;
mod numbers;
mod offline;
mod openapi;
mod pattern;
mod process;
mod support;
mod vtl;
