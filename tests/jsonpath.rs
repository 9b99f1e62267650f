//! Cases of `src/jsonpath`, recorded from the Java original.
