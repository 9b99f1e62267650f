//! The Velocity 1.7 template language: [`Template::parse`] reads a template once, [`Template::render`] writes its output.
//!
//! ```text
//! lexer → parser → ast ─► machine (eval, reference, expression, foreach, blocks) ─► output
//!                              └ methods: the Java methods that templates call
//! ```
//!
//! Velocity's grammar has no specification but its generated parser, and templates lean on what that does: which `#` is text, what an
//! unset reference prints, when `-` is part of a number. So the lexer keeps JavaCC's states and the parser its look-aheads, and
//! values are Java's: their classes decide how they print, compare and which methods they have.
//!
//! Two things differ from Apache Velocity on purpose: an unresolved reference is the empty string, as API Gateway has it
//! ([`Scope::plain`] gives the stock behaviour), and `getClass` with everything behind it is refused.
//!
//! Whatever the template, nothing panics and everything ends: [`Limits`] bounds its length, its nesting, the steps, the output and what
//! it builds on the way. A template may be shared between threads; the values of a render stay on one.
//!
//! ```
//! use stagegate::engine::value::Value;
//! use stagegate::engine::vtl::{Limits, Scope, Template};
//!
//! let template = Template::parse("#foreach($n in [1..3])$n#if($foreach.hasNext), #end#end and $name.toUpperCase()$nothing")?;
//! let mut scope = Scope::new();
//! scope.set("name", Value::from("four"));
//! assert_eq!(template.render(&mut scope, &Limits::default())?, "1, 2, 3 and FOUR");
//!
//! let error = Template::parse("#if($a)\nno end").unwrap_err();
//! assert_eq!(error.line, 2);
//! # Ok::<(), stagegate::engine::vtl::Error>(())
//! ```

mod arithmetic;
mod ast;
mod blocks;
mod branch;
mod decimal;
mod empty;
mod error;
mod eval;
mod expression;
mod foreach;
mod lexer;
mod limits;
mod machine;
mod macros;
mod mentioned;
mod methods;
mod names;
mod parser;
mod reference;
mod scope;
mod template;
mod token;

pub(crate) use branch::Hits;
pub(crate) use empty::Empty;
pub use error::{Error, ErrorKind};
pub use limits::Limits;
pub use scope::Scope;
pub use template::Template;
