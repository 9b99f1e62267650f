"""Functions of a custom (non-proxy) integration: what they raise becomes `errorMessage`."""
import json


def succeed(event, context):
    return {"greeting": "hello"}


def fail(event, context):
    raise Exception("Internal Error: something went wrong in the function")


def refuse(event, context):
    raise Exception(json.dumps({"statusCode": 400, "error": "Bad Request", "message": "no such order"}, separators=(",", ":")))


def custom(event, context):
    """One function for the three, chosen by the mapped event."""
    return {"succeed": succeed, "fail": fail, "refuse": refuse}[event["action"]](event, context)
