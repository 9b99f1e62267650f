//! A definition from where it stands, a file or the configuration itself.

use std::path::Path;

use super::kind;
use super::written::{WrittenApi, WrittenStage, fill};
use crate::config::document::{self, Asked, Node, Place, Report, Spot};

/// Most bytes of an API definition that API Gateway imports.
const DEFINITION_BYTES: usize = 6 * 1024 * 1024;

/// Reads the definition: a file's path, or the document itself.
pub(crate) fn read(spot: &Spot<'_>, stage: &mut WrittenStage, written: &mut WrittenApi) {
    spot.records(|| Asked::Map);
    if spot.node.is_map() {
        document(spot.node.clone(), &spot.path(), spot.report, stage, written);
    } else if let Some(tree) = file(spot) {
        document(tree, "", spot.report, stage, written);
    }
}

/// Files that no definition has the name of, and what to give instead.
fn foreign(path: &Path) -> Option<&'static str> {
    match path.extension()?.to_str()? {
        "tf" | "hcl" | "tfstate" => Some(
            "Terraform's language is not read: give the API's `body`, or the deployed API's own export (`aws apigateway get-export`)",
        ),
        "ts" | "js" | "py" | "cs" | "java" | "go" => {
            Some("code is not read: give what it synthesises, such as `cdk.out/*.template.json` of `cdk synth`")
        }
        _ => None,
    }
}

/// The tree of the file that is named.
fn file(spot: &Spot<'_>) -> Option<Node> {
    let path = spot.node.origin.relative(Path::new(&spot.text()?));
    if let Some(instead) = foreign(&path) {
        spot.error("not-openapi", instead.to_owned());
        return None;
    }
    spot.report.uses(&path);
    let text = document::read(&path, &spot.place(), spot.report)?;
    if text.len() > DEFINITION_BYTES {
        let message = format!("the definition has {} bytes: API Gateway imports {DEFINITION_BYTES}", text.len());
        spot.report.warning(&Place::of_file(&path, 0), "definition-size", message);
    }
    document::tree(&path, &text, true, spot.report)
}

fn document(mut tree: Node, path: &str, report: &Report, stage: &mut WrittenStage, written: &mut WrittenApi) {
    // A template resolves all of its functions itself.
    if !kind::is_template(&tree) {
        fill::put_in(&mut tree, path, stage, report);
    }
    kind::read(&Spot::new(&tree, path.to_owned(), report), stage, written);
}
