//! A CloudFormation or SAM template, also as CDK, the Serverless Framework and Chalice synthesise them: one API of it, told as
//! if it had been written natively.
//!
//! Two steps. A resource's properties are resolved first (`resolve.rs`): parameters, conditions and functions give way to what
//! they become, and what cannot be known here stays as `${Name.Attribute}`. Then they are read. What SAM would generate is
//! generated in the same shape as its translator does (`sam/`), on the resolved values, and read like everything else: every
//! value still knows its line in the template that the user wrote.

mod authorizer;
mod choose;
mod condition;
mod dynamic;
mod function;
mod globals;
mod http_api;
mod http_stage;
mod include;
mod key;
mod method;
mod parameter;
mod path;
mod reference;
mod resolve;
mod rest_api;
mod sam;
mod stage;
mod template;
mod value;

pub(crate) use rest_api::read;
