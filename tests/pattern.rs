//! Cases of `src/pattern`, recorded from the Java original.
