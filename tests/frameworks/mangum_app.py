"""An ASGI application behind Mangum: it tells what it was asked, and answers with cookies and with bytes."""

import json

from mangum import Mangum


async def app(scope, receive, send):
    body = (await receive()).get("body", b"")
    told = {
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode(),
        "client": scope["client"][0],
        "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
        "body": body.hex() if scope["path"].endswith("/bytes") else body.decode(),
    }
    headers = [(b"content-type", b"application/json"), (b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2")]
    content = json.dumps(told).encode()
    if scope["path"].endswith("/bytes"):
        headers = [(b"content-type", b"image/png")]
        content = b"\x89PNG" + body
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": content})


handler = Mangum(app, lifespan="off")
