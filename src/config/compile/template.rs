//! Mapping templates: parsed, with the place of what is wrong in them.

use std::sync::Arc;

use crate::api::{LooksAt, MappingTemplate, Templates};
use crate::config::definition::written::Text;
use crate::config::document::Report;
use crate::vtl::Template;

/// Most bytes of a mapping template, as API Gateway documents it. A longer one is no error: it works here.
const TEMPLATE_BYTES: usize = 300 * 1024;

/// Compiles a map of templates by media type.
pub(crate) fn templates(written: &[(String, Text)], report: &Report) -> Templates {
    written.iter().filter_map(|(media_type, text)| Some((media_type.clone(), template(text, report)?))).collect()
}

fn template(text: &Text, report: &Report) -> Option<MappingTemplate> {
    let source: Arc<str> = text.value.as_str().into();
    if source.is_empty() {
        return Some(MappingTemplate { source, template: None, looks_at: LooksAt::default() });
    }
    if source.len() > TEMPLATE_BYTES {
        let message = format!("template has {} bytes: API Gateway takes {TEMPLATE_BYTES}", source.len());
        report.warning(&text.place, "template-size", message);
    }
    match Template::parse(&source) {
        Ok(template) => {
            let looks_at =
                LooksAt { context: template.members_of("context"), parameters: template.arguments_of("params") };
            Some(MappingTemplate { source, template: Some(Arc::new(template)), looks_at })
        }
        Err(e) => {
            let place = text.at(e.line, e.column);
            let message = format!("template does not parse at its line {}, column {}: {}", e.line, e.column, e.message);
            report.error(&place, "template", message);
            None
        }
    }
}
