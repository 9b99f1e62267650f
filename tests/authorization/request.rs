//! What a case says of a request, as the evaluator wants it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use stagegate::authorization::policy::{PolicyKind, RequestFacts};
use stagegate::authorization::{ApiArn, Identity};

/// 2026-01-31T12:00:00Z: the time of a case that names none.
pub const NOON: u64 = 1_769_860_800;

pub fn api() -> ApiArn {
    ApiArn::new("eu-west-1", "123456789012", "abc123")
}

pub fn at(epoch: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(epoch)
}

pub fn kind<'a>(name: &Value, api: &'a ApiArn) -> PolicyKind<'a> {
    match name.as_str() {
        None => PolicyKind::Authorizer,
        Some("resource") => PolicyKind::Resource(api),
        Some("identity") => PolicyKind::Identity,
        Some(other) => panic!("no kind `{other}`"),
    }
}

/// A case's facts, with what the evaluator borrows from them.
pub struct Facts {
    pub caller: Option<Identity>,
    pub time: u64,
    pub texts: [Option<String>; 4],
    pub addresses: [Option<String>; 2],
    pub secure: bool,
    pub more: Vec<(String, Vec<String>)>,
}

impl Facts {
    pub fn read(facts: &Value) -> Facts {
        let text = |name: &str| facts[name].as_str().map(str::to_owned);
        let known = [
            "caller",
            "time",
            "userAgent",
            "referer",
            "sourceVpc",
            "sourceVpce",
            "sourceIp",
            "vpcSourceIp",
            "secure",
            "more",
        ];
        let names = facts.as_object().map(|facts| facts.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        assert!(names.iter().all(|name| known.contains(&name.as_str())), "{names:?}");
        let values = |value: &Value| {
            value.as_array().expect("a list").iter().map(|v| v.as_str().expect("a text").to_owned()).collect()
        };
        let more = facts["more"]
            .as_object()
            .map(|more| more.iter().map(|(key, value)| (key.clone(), values(value))).collect());
        Facts {
            caller: text("caller").map(|arn| Identity::from_arn(&arn).expect("an identity's ARN")),
            time: facts["time"].as_u64().unwrap_or(NOON),
            texts: ["userAgent", "referer", "sourceVpc", "sourceVpce"].map(text),
            addresses: ["sourceIp", "vpcSourceIp"].map(text),
            secure: facts["secure"].as_bool().unwrap_or(true),
            more: more.unwrap_or_default(),
        }
    }

    pub fn facts(&self) -> RequestFacts<'_> {
        let [user_agent, referer, source_vpc, source_vpce] = self.texts.each_ref().map(Option::as_deref);
        let [source_ip, vpc_source_ip] =
            self.addresses.each_ref().map(|ip| ip.as_ref().map(|ip| ip.parse().expect("an address")));
        RequestFacts {
            caller: self.caller.as_ref(),
            time: at(self.time),
            source_ip,
            vpc_source_ip,
            source_vpc,
            source_vpce,
            secure_transport: self.secure,
            user_agent,
            referer,
            more: &self.more,
        }
    }
}
