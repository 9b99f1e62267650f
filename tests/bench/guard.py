#!/usr/bin/env python3
"""The authorizer of guarded.yaml: allows everything, with a context as one has it."""
import http.server
import json

STATEMENT = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": "arn:aws:execute-api:*:*:*/*/*"}
ANSWER = {
    "principalId": "user|a1b2c3d4",
    "policyDocument": {"Version": "2012-10-17", "Statement": [STATEMENT]},
    "context": {"tenant": "acme", "plan": "gold", "roles": "admin,staff"},
}


class Guard(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.HTTPServer(("127.0.0.1", 9003), Guard).serve_forever()
