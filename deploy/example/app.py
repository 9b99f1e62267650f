"""The function behind the example API: an order desk that also knows how to fail in every way.

`GET /orders/{id}` reaches it through a custom integration (the event is the mapping template's), `/shop/...` through a
proxy integration (the event is the whole request), of the REST API or of the HTTP API (http-api.yaml).
"""

import json
import time

ORDERS = {"7": {"id": "7", "item": "lamp", "quantity": 2}}


def handler(event, context):
    return shop(event) if "requestContext" in event else order(event["id"])


def order(order_id):
    if not order_id.isdigit():
        # A selection pattern of the API turns this into a 400.
        raise ValueError(json.dumps({"statusCode": 400, "reason": f"`{order_id}` is not a number"}, separators=(",", ":")))
    if order_id == "0":
        # Another pattern turns this into a 500.
        raise RuntimeError("Internal Error: order 0 is broken")
    # An unknown order is a KeyError, which no pattern knows: the client sees 200, and stagegate counts a masked error.
    return ORDERS[order_id]


def shop(event):
    is_rest = "httpMethod" in event
    method, path = (event["httpMethod"], event["path"]) if is_rest else (event["requestContext"]["http"]["method"], event["rawPath"])
    wish = path.rpartition("/")[2]
    # The first status is the REST API's, the second the HTTP API's.
    if wish == "raise":
        raise RuntimeError("the shop is on fire")  # 502, 500: function_error
    if wish == "malformed":
        return {"status": 200}  # 502, malformed_response: the word is `statusCode`; 200, the payload is the body
    if wish == "hidden":
        return {"errorMessage": "no such order", "errorType": "KeyError"}  # 502; 200 that hides an error
    if wish == "slow":
        time.sleep(5)  # 504, 503: timeout, as the integration allows 2 seconds
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"method": method, "path": path}),
    }
