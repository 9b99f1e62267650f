"""Lambda authorizers: one that is shown a token, one that is shown the request."""


def policy(effect, resource, **more):
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}, **more}


def token(event, context):
    shown = event["authorizationToken"]
    if shown == "nobody":
        raise Exception("Unauthorized")
    if shown == "broken":
        raise ValueError("no such token")
    if shown == "silent":
        return {"principalId": "me"}
    if shown == "nested":
        return policy("Allow", "*", context={"roles": ["a", "b"]})
    if shown == "denied":
        return policy("Deny", "*")
    # One method only: what the next one shows is the most asked question about authorizers.
    if shown == "narrow":
        return policy("Allow", event["methodArn"])
    return policy("Allow", "*", context={"number": 7, "yes": True, "text": "a", "nothing": None})


def request(event, context):
    who = event["queryStringParameters"]["who"]
    if event["headers"].get("X-Secret") != "open":
        return policy("Deny", event["methodArn"])
    return policy("Allow", event["methodArn"], context={"who": who, "path": event["path"], "ip": event["requestContext"]["identity"]["sourceIp"]})


def told(event, context):
    import json
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"], sort_keys=True)}
