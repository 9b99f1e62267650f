//! Mapping templates: parsed, with the place of what is wrong in them.

use std::sync::Arc;

use crate::api::{MappingTemplate, Templates};
use crate::config::definition::written::Text;
use crate::config::document::{Inner, Mark, Place, Report};
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
        return Some(MappingTemplate { source, template: None });
    }
    if source.len() > TEMPLATE_BYTES {
        let message = format!("template has {} bytes: API Gateway takes {TEMPLATE_BYTES}", source.len());
        report.warning(&text.place, "template-size", message);
    }
    match Template::parse(&source) {
        Ok(template) => Some(MappingTemplate { source, template: Some(Arc::new(template)) }),
        Err(e) => {
            let place = position(text, e.line, e.column);
            let message = format!("template does not parse at its line {}, column {}: {}", e.line, e.column, e.message);
            report.error(&place, "template", message);
            None
        }
    }
}

/// The place of a position in the text: in the file when it is a literal block, else in the text itself.
fn position(text: &Text, line: usize, column: usize) -> Place {
    let mut place = text.place.clone();
    let Some(before) = line.checked_sub(1) else { return place };
    // Its end is that of its last line, not the beginning of what follows.
    let last = text.value.lines().count().saturating_sub(1);
    let (before, column) = match text.value.lines().nth(last).filter(|_| before > last) {
        Some(end) => (last, end.chars().count() + 1),
        None => (before, column),
    };
    match text.block {
        Some(block) => {
            place.line = block.line + before;
            place.mark = Mark { column: block.column + column.saturating_sub(1), width: 1 };
        }
        None => {
            let text = text.value.lines().nth(before).unwrap_or_default().to_owned();
            place.inner = Some(Arc::new(Inner { line: before + 1, column, text }));
        }
    }
    place
}
