//! The map for programs: every cell, nothing put together.

use serde_json::{Value, json};

use super::browser::Verdict;
use super::found::Found;
use super::map::Cell;

/// The whole map.
pub(super) fn json(found: &Found) -> Value {
    let routes = found.rows.iter().map(|row| {
        let (method, path) = (row.route.method, row.route.path.as_str());
        let cors = found.origins.iter().enumerate().map(|(n, origin)| {
            let preflight = row.preflight.get(n).and_then(Option::as_ref).map(verdict);
            json!({ "origin": origin, "preflight": preflight, "answer": row.good.get(n).map(verdict) })
        });
        json!({
            "method": method,
            "resource": path,
            "cors": cors.collect::<Vec<_>>(),
            "causes": row.cells.iter().map(|cell| one(found, method, path, cell)).collect::<Vec<_>>(),
        })
    });
    let others = found.others().into_iter().map(|((method, path, cause), count)| {
        json!({ "method": method, "resource": path, "cause": cause, "happened": count })
    });
    json!({
        "api": found.name,
        "origins": found.origins,
        "routes": routes.collect::<Vec<_>>(),
        "unrouted": found.unrouted.iter().map(|cell| one(found, "", "", cell)).collect::<Vec<_>>(),
        "not_played": others.collect::<Vec<_>>(),
    })
}

fn one(found: &Found, method: &str, path: &str, (cause, answer): &Cell) -> Value {
    let pages = found.origins.iter().zip(&answer.verdicts);
    let mut one = json!({
        "cause": cause,
        "status": answer.status,
        "content_type": answer.content_type,
        "body": answer.body,
        "masked": answer.is_masked,
        "cors": pages.map(|(origin, seen)| json!({ "origin": origin, "answer": verdict(seen) })).collect::<Vec<_>>(),
    });
    if let Some(count) = found.count(method, path, cause) {
        one["happened"] = count.into();
    }
    if let Some(is_covered) = found.is_covered(method, path, cause) {
        one["covered"] = is_covered.into();
    }
    one
}

fn verdict(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Readable => json!({ "readable": true }),
        Verdict::Hidden(why) => json!({ "readable": false, "why": why }),
        Verdict::Backend => json!({ "readable": null, "why": "the backend decides" }),
    }
}
