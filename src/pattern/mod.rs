//! A Java regular expression that must match the whole text.
