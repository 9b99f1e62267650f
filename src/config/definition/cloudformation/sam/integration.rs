//! What an event puts into the document: a Lambda proxy, or the start of a state machine.

use super::super::path::At;
use super::super::template::Template;
use super::super::value::{self, entries_mut, is_given, put};
use super::document::{ApiDocument, INTEGRATION};
use super::event::Event;
use crate::config::document::{Data, Node};

impl Template<'_> {
    /// The uri of a call to the function of an event: of its published alias, if it has one.
    pub(crate) fn invocation(&self, event: &Event<'_>) -> String {
        let alias = self.alias(event).map(|alias| format!(":{alias}")).unwrap_or_default();
        let streamed = event.properties.text("ResponseTransferMode") == Some("RESPONSE_STREAM");
        let (version, action) = match streamed {
            true => ("2021-11-15", "response-streaming-invocations"),
            false => ("2015-03-31", "invocations"),
        };
        let (partition, region) = (self.partition(), &self.stage.region);
        let function = self.function_arn(event.owner);
        format!("arn:{partition}:apigateway:{region}:lambda:path/{version}/functions/{function}{alias}/{action}")
    }

    fn alias(&self, event: &Event<'_>) -> Option<String> {
        self.literal(event.owner, self.resources.get(event.owner)?, "AutoPublishAlias")
    }

    /// Puts the method of an event into the document; `None` when the path has the method already.
    pub(crate) fn add_integration(
        &self,
        event: &Event<'_>,
        path: &str,
        method: &str,
        document: &mut ApiDocument,
    ) -> Option<()> {
        let at = event.made(&event.properties);
        if document.integrated(path, method).is_some() {
            event.error(
                self,
                "duplicate-route",
                format!("`{path}` has the method `{method}` already: the first counts"),
            );
            return None;
        }
        let operation = document.add_method(path, method, &at)?;
        if !operation.is_map() {
            *operation = value::map(&at, []);
        }
        let (integration, responses) = match event.is_state_machine {
            true => self.start_execution(event, &at),
            false => self.proxy(event, &at),
        };
        put(operation, INTEGRATION, integration);
        value::entry(operation, "responses", || responses);
        Some(())
    }

    fn proxy(&self, event: &Event<'_>, at: &Node) -> (Node, Node) {
        let text = |text: &str| value::text(at, text);
        let mut integration = value::map(
            at,
            [("type", text("aws_proxy")), ("httpMethod", text("POST")), ("uri", text(&self.invocation(event)))],
        );
        if event.properties.text("ResponseTransferMode") == Some("RESPONSE_STREAM") {
            put(&mut integration, "responseTransferMode", text("STREAM"));
        }
        if let Some(timeout) = event.get("TimeoutInMillis").filter(|timeout| is_given(Some(timeout))) {
            put(&mut integration, "timeoutInMillis", timeout);
        }
        (integration, value::map(at, []))
    }

    fn start_execution(&self, event: &Event<'_>, at: &Node) -> (Node, Node) {
        let text = |text: &str| value::text(at, text);
        let path = At::path("");
        let mapped = path.key("requestTemplates");
        let machine = self.reference(event.owner, at, &mapped).and_then(|node| node.scalar()).unwrap_or_default();
        let alias = self.alias(event).map(|alias| format!(":{alias}")).unwrap_or_default();
        let machine = format!("{machine}{alias}");
        let input = match event.properties.get("UnescapeMappingTemplate").map(|node| &node.data) {
            Some(Data::Bool(true)) => r#"$util.escapeJavaScript($input.json('$')).replaceAll("\\'","'")"#,
            _ => "$util.escapeJavaScript($input.json('$'))",
        };
        let template = format!(r#"{{"input": "{input}", "stateMachineArn": "{machine}"}}"#);
        let (partition, region) = (self.partition(), &self.stage.region);
        let uri = format!("arn:{partition}:apigateway:{region}:states:action/StartExecution");
        let status = |status: &str| value::map(at, [("statusCode", text(status))]);
        let described = |words: &str| value::map(at, [("description", text(words))]);
        let integration = value::map(
            at,
            [
                ("type", text("aws")),
                ("httpMethod", text("POST")),
                ("uri", text(&uri)),
                ("responses", value::map(at, [("200", status("200")), ("400", status("400"))])),
                ("requestTemplates", value::map(at, [("application/json", text(&template))])),
            ],
        );
        (integration, value::map(at, [("200", described("OK")), ("400", described("Bad Request"))]))
    }
}

/// The method of a function that a condition leaves out: its name still counts for the CORS headers of its path.
pub(crate) fn leave_out(document: &mut ApiDocument, path: &str, method: &str) {
    if let Some(entries) = document.path_item(path).and_then(entries_mut)
        && let Some(operation) = entries.get_mut(method)
    {
        operation.data = Data::Null;
    }
}
