//! Mapping templates: parsed, with the place of what is wrong in them.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::api::{LooksAt, MappingTemplate, Templates};
use crate::config::definition::written::Text;
use crate::config::document::Report;
use crate::vtl::{Error, Template};

/// Most bytes of a mapping template, as API Gateway documents it. A longer one is no error: it works here.
const TEMPLATE_BYTES: usize = 300 * 1024;

/// Compiles one template that stands in no file; in an error it says where.
pub(crate) fn mapping_template(source: &str) -> Result<MappingTemplate, String> {
    parse(source.into()).map_err(|e| format!("line {}, column {}: {}", e.line, e.column, e.message))
}

/// An empty template is none: the body passes.
fn parse(source: Arc<str>) -> Result<MappingTemplate, Error> {
    if source.is_empty() {
        return Ok(MappingTemplate { source, template: None, looks_at: LooksAt::default() });
    }
    let template = Template::parse(&source)?;
    let looks_at = LooksAt {
        context: template.members_of("context").map(Arc::from),
        parameters: template.arguments_of("params").map(Arc::from),
    };
    Ok(MappingTemplate { source, template: Some(Arc::new(template)), looks_at })
}

/// The templates of one copy of the API: it has few texts, in many methods. Each is compiled once.
#[derive(Default)]
pub(crate) struct Compiled(RefCell<FxHashMap<Arc<str>, MappingTemplate>>);

/// Compiles a map of templates by media type.
pub(crate) fn templates(written: &[(SmolStr, Text)], compiled: &Compiled, report: &Report) -> Templates {
    let template = |text: &Text| {
        if let Some(known) = compiled.0.borrow().get(text.value.as_str()) {
            return Some(known.clone());
        }
        let template = template(text, report)?;
        compiled.0.borrow_mut().insert(template.source.clone(), template.clone());
        Some(template)
    };
    let compile = |(media_type, text): &(SmolStr, Text)| Some((media_type.clone(), template(text)?));
    // Most lists have one: an iterator that leaves some out takes room for four.
    let mut templates = Templates::with_capacity(written.len());
    templates.extend(written.iter().filter_map(compile));
    templates
}

fn template(text: &Text, report: &Report) -> Option<MappingTemplate> {
    let source: Arc<str> = text.value.as_str().into();
    if source.len() > TEMPLATE_BYTES {
        let message = format!("template has {} bytes: API Gateway takes {TEMPLATE_BYTES}", source.len());
        report.warning(&text.place, "template-size", message);
    }
    match parse(source) {
        Ok(template) => Some(template),
        Err(e) => {
            let place = text.at(e.line, e.column);
            let message = format!("template does not parse at its line {}, column {}: {}", e.line, e.column, e.message);
            report.error(&place, "template", message);
            None
        }
    }
}
