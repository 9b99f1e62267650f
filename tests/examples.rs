//! The suite of that name.
