//! The Velocity 1.7 template language: `Template::parse` and `Template::render` are the only door.
