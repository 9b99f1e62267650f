"""The function behind every template: says what it was asked, as a proxy and as a custom integration."""


def handler(event, context):
    if "httpMethod" in event:
        return {"statusCode": 200, "body": f"{event['httpMethod']} {event['path']}"}
    if event.get("body", {}).get("id") == "bad":
        raise ValueError("Bad order")
    return event
