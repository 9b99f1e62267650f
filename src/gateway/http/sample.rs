//! Samples for the unit tables of this room: an API, a route and a request, from a few lines of text.

use std::time::{Duration, Instant, UNIX_EPOCH};

use super::event::EventSource;
use crate::api::{HttpApi, HttpAuthorization, HttpCall, HttpIntegration, HttpRoute};
use crate::exchange::exchange::Exchange;
use crate::exchange::http_caller::HttpCaller;
use crate::exchange::ids::Ids;
use crate::http1::message::{Headers, Request};

pub(crate) struct Sample {
    pub(crate) api: HttpApi,
    pub(crate) route: HttpRoute,
    pub(crate) exchange: Exchange,
    pub(crate) path_parameters: Vec<(String, String)>,
}

impl Sample {
    /// A route by its key, and a request as it stands on the wire, lines ended by `\n`.
    pub(crate) fn new(stage: &str, key: &str, request: &str) -> Sample {
        let mut api = HttpApi::default();
        api.common.id = "a1b2c3".to_owned();
        api.common.account_id = "123456789012".to_owned();
        api.common.stage = stage.to_owned();
        let route = HttpRoute {
            key: key.to_owned(),
            path: key.split_once(' ').map_or(key, |(_, path)| path).to_owned(),
            method: None,
            operation_name: None,
            authorization: HttpAuthorization::None,
            throttle: None,
            integration: HttpIntegration {
                call: HttpCall::Nothing,
                timeout: Duration::from_secs(30),
                request_parameters: Vec::new(),
                response_parameters: Vec::new(),
                broken: None,
            },
        };
        let ids = Ids {
            request_id: "never shown".to_owned().into(),
            extended_request_id: "JCJgriq-vHcEPMg=".to_owned().into(),
            trace_id: "Root=1-67fd8937-6cd643e155b4258a556982c5;Parent=1;Sampled=0".to_owned().into(),
        };
        let exchange = Exchange::new(self::request(request), ids, None);
        Sample { api, route, exchange, path_parameters: Vec::new() }
    }

    pub(crate) fn with_path(mut self, parameters: &[(&str, &str)]) -> Sample {
        self.path_parameters = parameters.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        self
    }

    pub(crate) fn with_variables(mut self, variables: &[(&str, &str)]) -> Sample {
        let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        self.api.common.stage_variables = variables.collect();
        self
    }

    pub(crate) fn source<'a>(&'a self, caller: Option<&'a HttpCaller>) -> EventSource<'a> {
        let Sample { api, route, exchange, path_parameters } = self;
        EventSource { api, route, exchange, path_parameters, caller }
    }
}

pub(crate) fn request(text: &str) -> Request {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let mut word = || first.next().unwrap_or_default().to_owned();
    let (method, target, protocol) = (word(), word(), word());
    let (path, query) = target.split_once('?').map_or((&*target, None), |(path, query)| (path, Some(query.to_owned())));
    let mut headers = Headers::default();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.push(name.to_owned(), value.to_owned());
    }
    Request {
        method,
        path: path.to_owned(),
        query,
        headers,
        body: body.to_owned().into(),
        source_ip: [192, 0, 2, 7].into(),
        http2: protocol == "HTTP/2",
        time: UNIX_EPOCH + Duration::from_millis(1_744_668_983_126),
        received: Instant::now(),
    }
}
