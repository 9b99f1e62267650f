//! Jayway's JSONPath.
