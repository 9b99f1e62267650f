//! Gateways for the map: the API as it is, and with doors open, so that a request comes to where it shall fail. No throttle stands in
//! the way of what is played.

use crate::api::{Api, RestApi};
use crate::config::{self, Loaded, Problem, Sources};
use crate::gateway::Gateway;
use crate::metrics::Metrics;

/// The same API, ever more open.
pub(super) struct Gates {
    /// As it is.
    pub guarded: Gateway,
    /// Whoever calls may call, with a key where one is needed.
    pub keyed: Gateway,
    /// Without keys.
    pub checked: Gateway,
    /// Unchecked, and failing as a header asks.
    pub open: Gateway,
    /// Whether a usage plan has a quota.
    pub has_quota: bool,
    pub name: String,
}

/// How far a gateway is open.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Open {
    No,
    ToAll,
    WithoutKeys,
    Unchecked,
}

impl Gates {
    /// Loads the configuration, which is offline.
    pub(super) fn load(sources: &Sources) -> Result<Gates, Vec<Problem>> {
        let (guarded, has_quota) = gate(sources, Open::No)?;
        let (keyed, checked, open) =
            (gate(sources, Open::ToAll)?.0, gate(sources, Open::WithoutKeys)?.0, gate(sources, Open::Unchecked)?.0);
        let name = guarded.rest().map(|api| api.name.clone()).or(guarded.http().map(|api| api.name.clone()));
        Ok(Gates { guarded, keyed, checked, open, has_quota, name: name.unwrap_or_default() })
    }
}

/// With whether a usage plan has a quota.
fn gate(sources: &Sources, open: Open) -> Result<(Gateway, bool), Vec<Problem>> {
    let mut sources = sources.clone();
    let mut flag = |key: &str, value: &str| sources.flags.push((key.to_owned(), value.to_owned()));
    // What the configuration itself lets fail is another matter.
    flag("faults", if open == Open::Unchecked { "[{match: '* *', header: true}]" } else { "[]" });
    if open > Open::No {
        flag("api.skip_authorization", "true");
    }
    let Loaded { mut api, settings, .. } = config::load(&sources)?;
    let has_quota = match &mut api {
        Api::Rest(api) => {
            let has_quota = api.usage_plans.values().any(|plan| plan.quota.is_some());
            unlock(api, open);
            has_quota
        }
        Api::Http(api) => {
            api.common.throttle = None;
            api.routes.iter_mut().for_each(|route| route.throttle = None);
            false
        }
    };
    let metrics = Metrics::new("check", "").expect("names that no other registry has");
    let gateway = Gateway::new(api, None, settings.limits, &metrics);
    Ok((gateway.failing(&settings.faults, false, &metrics), has_quota))
}

fn unlock(api: &mut RestApi, open: Open) {
    api.common.throttle = None;
    api.usage_plans.values_mut().for_each(|plan| (plan.throttle, plan.quota) = (None, None));
    for method in api.resources.iter_mut().flat_map(|resource| &mut resource.methods) {
        method.throttle = None;
        if open >= Open::WithoutKeys {
            method.api_key_required = false;
        }
        if open >= Open::Unchecked {
            (method.request.validate_body, method.request.validate_parameters) = (false, false);
        }
    }
}
