//! How Java prints and reads numbers.
