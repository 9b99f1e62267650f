#!/usr/bin/env python3
"""Counts the instructions that stagegate runs for one request, and fails when they have grown.

    tests/bench/instructions.py               builds, counts, compares with instructions.json
    tests/bench/instructions.py --bless       writes instructions.json
    tests/bench/instructions.py --binary F    counts for that binary

Needs valgrind and python3. Each workload is run twice, with few requests and with more: the difference has no start in it. Unlike
times, instructions do not depend on who else uses the machine; they leave out the kernel.
"""
import argparse, json, os, re, signal, socket, subprocess, sys, tempfile, threading

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RECORD = os.path.join(HERE, "instructions.json")
GROWTH = 1.05
CONFIG = r"""
listen: 127.0.0.1:0
threads: 1
admin: { listen: 127.0.0.1:0, inspector: false }
log: { format: json, level: info }
api:
  authorizers:
    guard:
      type: REQUEST
      authorizerUri: arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/guard/invocations
      identitySource: method.request.header.Host
  routes:
    - { path: "/guarded/{size}", method: GET, authorizationType: CUSTOM, authorizerId: guard, integration: { type: AWS_PROXY, function: f } }
    - { path: "/{proxy+}", method: ANY, integration: { type: AWS_PROXY, function: f } }
    - path: /custom/{size}
      method: POST
      methodResponses: [200, 400, 404]
      integration:
        type: AWS
        function: f
        requestTemplates:
          application/json: '{"size": "$input.params("size")", "id": $input.json("$.id"), "text": $input.json("$.text")}'
        responses:
          - { statusCode: "404", selectionPattern: '.*NotFound.*', responseTemplates: { application/json: '{"error": $input.json("$.errorMessage")}' } }
          - { statusCode: "400", selectionPattern: '.*Bad.*' }
          - { statusCode: "200", responseTemplates: { application/json: '{"result": $input.json("$.body"), "at": "$context.requestId"}' } }
functions:
  f: { invoke_api: "http://127.0.0.1:UPSTREAM" }
  guard: { invoke_api: "http://127.0.0.1:UPSTREAM" }
"""
# Name, size of the text in the answer, request line, size of the text in the request, requests of the short and the long run.
WORKLOADS = [
    ("proxy_200b", 200, "GET /small", None, 50, 550),
    ("proxy_4k", 4096, "GET /medium", None, 50, 550),
    ("guarded_200b", 200, "GET /guarded/small", None, 50, 550),
    ("proxy_1m", 1 << 20, "GET /large", None, 3, 23),
    ("custom_200b", 200, "POST /custom/small", 200, 50, 550),
    ("custom_4k", 4096, "POST /custom/medium", 4096, 50, 250),
]


def text(size):
    """JSON text within a string: an escape every seven bytes or so."""
    return ('{"name":"value","n":12345},' * (size // 27 + 1))[:size]


# The authorizer's answer, which is asked for once.
STATEMENT = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": "arn:aws:execute-api:*:*:*/*/*"}
POLICY = {
    "principalId": "user|a1b2c3d4",
    "policyDocument": {"Version": "2012-10-17", "Statement": [STATEMENT]},
    "context": {"tenant": "acme", "plan": "gold", "roles": "admin,staff"},
}


def answer(body):
    body = json.dumps(body)
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body.encode())


def exchange(stream, said, buffer):
    """Reads one message with a Content-Length."""
    if said:
        stream.sendall(said)
    while b"\r\n\r\n" not in buffer:
        part = stream.recv(1 << 18)
        if not part:
            return None
        buffer += part
    head, _, rest = bytes(buffer).partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    missing = int(length[1]) - len(rest) if length else 0
    while missing > 0:
        part = stream.recv(1 << 18)
        if not part:
            return None
        rest += part
        missing -= len(part)
    buffer.clear()
    return head, rest


def upstream(size):
    """A fake Lambda that gives the same answer to every call, and lets everybody by."""
    listener = socket.create_server(("127.0.0.1", 0))
    said = answer({"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": text(size)})
    policy = answer(POLICY)

    def serve(stream):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        buffer = bytearray()
        while got := exchange(stream, None, buffer):
            stream.sendall(policy if b"/functions/guard/" in got[0] else said)

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def count(binary, workload, requests):
    """The instructions of a run with that many requests."""
    _, size, line, sent, *_ = workload
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "stagegate.yaml"), "w") as file:
            file.write(CONFIG.replace("UPSTREAM", str(upstream(size))))
        command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", binary, "run"]
        run = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            port, log = None, []
            for said in run.stderr:
                log.append(said)
                if found := re.search(r'"listening".*"data":"127.0.0.1:(\d+)"', said):
                    port = int(found[1])
                    break
            if port is None:
                sys.exit("".join(log))
            stream, buffer = socket.create_connection(("127.0.0.1", port)), bytearray()
            body = json.dumps({"id": 7, "text": text(sent)}).encode() if sent else b""
            head = f"{line} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench/1.0\r\nAccept: */*\r\nX-Forwarded-For: 10.1.2.3\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n" if sent else "\r\n"
            for _ in range(requests):
                got = exchange(stream, head.encode() + body, buffer)
                if not got or b" 200 OK" not in got[0].split(b"\r\n")[0]:
                    sys.exit(f"{workload[0]}: not 200: {got}")
                if not sent and got[1] != text(size).encode():
                    sys.exit(f"{workload[0]}: another body came")
            stream.close()
            run.send_signal(signal.SIGTERM)
            rest = run.stderr.read()
            run.wait()
        finally:
            run.kill()
    return int(re.search(r"I\s+refs:\s+([\d,]+)", rest)[1].replace(",", ""))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--binary")
    options.add_argument("--bless", action="store_true")
    options = options.parse_args()
    binary = options.binary and os.path.abspath(options.binary)
    if not binary:
        subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
        binary = os.path.join(ROOT, "target/release/stagegate")
    measured = {}
    for workload in WORKLOADS:
        few, many = workload[4:]
        measured[workload[0]] = round((count(binary, workload, many) - count(binary, workload, few)) / (many - few))
    recorded = json.load(open(RECORD)) if os.path.exists(RECORD) else {}
    for name, now in measured.items():
        then = recorded.get(name)
        print(f"{name:12} {now:>10,}" + (f"  {now / then:6.3f} of {then:,}" if then else ""))
    if options.bless:
        json.dump(measured, open(RECORD, "w"), indent=2)
        open(RECORD, "a").write("\n")
    elif grown := [name for name, now in measured.items() if now > GROWTH * recorded.get(name, 0)]:
        sys.exit(f"more instructions a request than recorded in instructions.json: {', '.join(grown)}")


main()
