//! JSON as json-smart reads it (permissive mode) and prints it.
