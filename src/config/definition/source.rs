//! A definition from where it stands, a file or the configuration itself, to the API as written.

use std::path::Path;

use super::openapi;
use super::written::{WrittenApi, WrittenStage, intrinsic};
use crate::config::document::{self, Data, Place, Spot};

/// Most bytes of an API definition that API Gateway imports.
const DEFINITION_BYTES: usize = 6 * 1024 * 1024;

/// A definition is a file's path, or the document itself.
pub fn read(spot: &Spot<'_>, stage: &WrittenStage, file: &mut WrittenApi) {
    let report = spot.report;
    if matches!(spot.node.data, Data::Map(_)) {
        let mut tree = spot.node.clone();
        intrinsic::put_in(&mut tree, &spot.path, stage, report);
        openapi::read(&Spot { node: &tree, path: spot.path.clone(), report }, stage.base_path_mode, file);
        return;
    }
    let Some(name) = spot.text() else { return };
    let path = spot.node.origin.relative(Path::new(&name));
    report.uses(&path);
    let Some(text) = document::read(&path, &spot.place(), report) else { return };
    if text.len() > DEFINITION_BYTES {
        let message = format!("the definition has {} bytes: API Gateway imports {DEFINITION_BYTES}", text.len());
        report.warning(&Place::of_file(&path, 0), "definition-size", message);
    }
    let Some(mut tree) = document::tree(&path, &text, true, report) else { return };
    intrinsic::put_in(&mut tree, "", stage, report);
    openapi::read(&Spot { node: &tree, path: String::new(), report }, stage.base_path_mode, file);
}
