"""Answers one request on a port and says whether its AWS Signature Version 4 is right: SECRET REGION SERVICE.

Written from AWS's description of the algorithm, with nothing but the standard library. Prints the port, then the verdict.
"""

import hashlib
import hmac
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import quote, unquote, urlsplit

SECRET, REGION, SERVICE = sys.argv[1:4]


def signature(method, target, headers, signed, body, date):
    url = urlsplit(target)
    pairs = sorted(
        (quote(unquote(key), safe="-_.~"), quote(unquote(value), safe="-_.~"))
        for key, _, value in (pair.partition("=") for pair in url.query.split("&") if pair)
    )
    canonical = "\n".join([
        method,
        quote(url.path, safe="/-_.~"),  # encoded once more than it was sent
        "&".join(f"{key}={value}" for key, value in pairs),
        *(f"{name}:{' '.join(headers[name].split())}" for name in signed),
        "",
        ";".join(signed),
        hashlib.sha256(body).hexdigest(),
    ])
    scope = f"{date[:8]}/{REGION}/{SERVICE}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return scope, hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        authorization = self.headers["authorization"] or ""
        fields = dict(part.strip().split("=", 1) for part in authorization.partition(" ")[2].split(",") if "=" in part)
        signed = fields.get("SignedHeaders", "").split(";")
        scope, right = signature(
            self.command, self.path, self.headers, signed, body, self.headers["x-amz-date"] or "19700101T000000Z"
        ) if authorization else ("", "")
        must = {"host", "content-type", *(name.lower() for name in self.headers if name.lower().startswith("x-amz-"))}
        print(json.dumps({
            "right": bool(right) and fields["Signature"] == right and fields["Credential"].endswith(f"/{scope}"),
            "key": fields.get("Credential", "").split("/")[0],
            "token": self.headers["x-amz-security-token"],
            "unsigned": sorted(must - set(signed)),
            "body": self.headers["x-amz-content-sha256"] == hashlib.sha256(body).hexdigest(),
            "target": self.path,
        }), flush=True)
        self.send_response(200)
        answer = json.dumps({"statusCode": 200, "body": "signed"}).encode()
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.handle_request()
