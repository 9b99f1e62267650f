"""The function behind the example API: an order desk that also knows how to fail in every way.

`GET /orders/{id}` reaches it through a custom integration (the event is the mapping template's), `/shop/...` through a
proxy integration (the event is the whole request).
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
    wish = event["path"].rpartition("/")[2]
    if wish == "raise":
        raise RuntimeError("the shop is on fire")  # 502, function_error
    if wish == "malformed":
        return {"status": 200}  # 502, malformed_response: the word is `statusCode`
    if wish == "slow":
        time.sleep(5)  # 504, timeout: the integration allows 2 seconds
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"method": event["httpMethod"], "path": event["path"]}),
    }
