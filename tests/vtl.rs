//! Cases of `src/vtl`, recorded from the Java original.
