"""Powertools' resolver for HTTP APIs: it reads the event by its own classes, and by its strict models."""

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.shared.cookies import Cookie
from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.parser.models import APIGatewayProxyEventV2Model

app = APIGatewayHttpResolver()


@app.post("/powertools/things/<thing>")
def thing(thing: str):
    event = app.current_event
    model = parse(event.raw_event, model=APIGatewayProxyEventV2Model)
    told = {
        "thing": thing,
        "route": event.route_key,
        "queries": event.resolved_query_string_parameters,
        "cookies": event.cookies,
        "header": event.headers["X-Custom"],
        "json": event.json_body,
        "ip": str(model.requestContext.http.sourceIp),
        "stage": event.request_context.stage,
        "absent": sorted(name for name, value in event.raw_event.items() if value is None),
    }
    return Response(201, "application/json", app._serializer(told), cookies=[Cookie("a", "1"), Cookie("b", "2")])


@app.get("/powertools/missing")
def missing():
    raise NotFoundError("no such thing")


def handler(event, context):
    return app.resolve(event, context)
