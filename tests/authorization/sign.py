"""Signs random requests with botocore: one JSON object a line.

usage: sign.py COUNT SEED EPOCH
"""

import base64
import datetime
import json
import random
import sys
from urllib.parse import quote, urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

count, seed, epoch = (int(argument) for argument in sys.argv[1:])
rng = random.Random(seed)
now = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
botocore.auth.get_current_datetime = lambda remove_tzinfo=True: now.replace(tzinfo=None) if remove_tzinfo else now

LASTING = Credentials("AKIALASTING", "secret/of+the key")
TEMPORARY = Credentials("ASIATEMPORARY", "another secret", "token/with+signs==")
TEXTS = ["a", "B7", "x y", "+", "a+b", "%", "%2F", "/", "é", "日本", "~-_.", "*", "'", "(", ":", "@", "$", ",", ";", "=", "&", "", " "]


def text(most):
    return "".join(rng.choice(TEXTS) for _ in range(rng.randint(0, most)))


def segment():
    kind = rng.randrange(12)
    if kind == 0:
        return ""
    if kind == 1:
        return rng.choice([".", ".."])
    # Encoded as a client does, with what it may leave bare, and now and then twice or in lower case.
    segment = quote(text(3), safe=rng.choice(["", "~", ":@$,;=!*'()"]))
    return segment.replace("%C3", "%c3") if kind == 2 else segment


def query():
    pairs = []
    for _ in range(rng.randint(0, 5)):
        name, value = text(2), text(3)
        pairs += [(name, value)] * rng.choice([1, 1, 1, 2])
    rng.shuffle(pairs)
    return pairs


def written(pairs):
    """As sent: bare `+`, names alone, empty pairs."""
    parts = []
    for name, value in pairs:
        pair = quote(name, safe=rng.choice(["", "+", "/:"])) + "=" + quote(value, safe=rng.choice(["", "+", "*'"]))
        parts.append(pair[:-1] if pair.endswith("=") and rng.randrange(3) == 0 else pair)
    return "&".join(parts)


for _ in range(count):
    path = "/" + "/".join(segment() for _ in range(rng.randint(0, 4)))
    host = rng.choice(["abc123.execute-api.eu-west-1.amazonaws.com", "localhost:8080"])
    headers = {"Content-Type": "application/json"} if rng.randrange(2) else {}
    if rng.randrange(3) == 0:
        headers["X-Custom"] = rng.choice(["  two   words ", "a,b", "é", ""])
    pairs = query()
    method = rng.choice(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
    body = rng.choice([b"", b'{"a": 1}', bytes(rng.randrange(256) for _ in range(40))])
    credentials = rng.choice([LASTING, TEMPORARY])
    form = rng.choice(["header", "header", "query"])
    if form == "query":
        body = b""  # botocore would move it into the query
    url = "https://" + host + path
    request = AWSRequest(method=method, url=url, headers=headers, data=body)
    if pairs and rng.randrange(2) and form == "header":
        request.params = pairs
        sent_query = "&".join(quote(name, safe="-_.~") + "=" + quote(value, safe="-_.~") for name, value in pairs)
    else:
        sent_query = written(pairs)
        request.url = url + ("?" + sent_query if sent_query else "")
    if form == "header":
        botocore.auth.SigV4Auth(credentials, "execute-api", "eu-west-1").add_auth(request)
    else:
        botocore.auth.SigV4QueryAuth(credentials, "execute-api", "eu-west-1", expires=rng.choice([60, 3600, 604800])).add_auth(request)
        sent_query = urlsplit(request.url).query
    lines = [[name, value] for name, value in request.headers.items()]
    if not any(name.lower() == "host" for name, _ in lines):
        lines.append(["Host", host])
    print(json.dumps({
        "method": method,
        "path": path,
        "query": sent_query,
        "headers": lines,
        "body": base64.b64encode(body).decode(),
        "form": form,
        "key": credentials.access_key,
    }))
