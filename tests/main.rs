//! The one test binary: every suite, and what they share.

#![allow(unreachable_pub, reason = "nothing imports the test binary")]
#![allow(clippy::panic, reason = "a test that cannot go on says why")]

mod authorization;
mod cases;
mod check;
mod cloudformation;
mod cloudformation_tools;
mod comparing;
mod configuration;
mod definitions;
mod deploy;
mod documents;
mod errors;
mod eval;
mod events;
mod examples;
mod flags;
mod frameworks;
mod functions;
mod gateway;
mod json_text;
mod jsonpath;
mod layers;
mod numbers;
mod offline;
mod one_bad_method;
mod openapi;
mod pattern;
mod process;
mod properties;
mod reports;
mod rules;
mod runner;
mod support;
mod validation;
mod vtl;
