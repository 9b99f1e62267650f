"""Functions of a proxy integration: a good answer, a raised error, a wrong format, an error formatted as an answer."""


class OrderNotFound(Exception):
    status = 404
    code = "OrderNotFoundException"


def format_error(error):
    return {
        "statusCode": error.status,
        "headers": {"Content-Type": "text/plain", "x-amzn-ErrorType": error.code},
        "isBase64Encoded": False,
        "body": f"{error.code}: {error}",
    }


def handler(event, context):
    action = event["pathParameters"]["action"]
    if action == "raise":
        raise ValueError("not today")
    if action == "wrong":
        return {"status": 200, "answer": "this is not the proxy format"}
    if action == "text":
        return "justAString"
    if action == "format":
        return format_error(OrderNotFound("order 17 does not exist"))
    if action == "exit":
        import os
        os._exit(3)
    return {"statusCode": 200, "headers": {"X-Seen": event["httpMethod"]}, "body": "fine"}
