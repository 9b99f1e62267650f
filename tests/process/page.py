"""Drives a real Chromium over its own protocol. Reads steps as JSON lines and answers each with a JSON line.

{"open": url} {"size": [width, height]} {"scheme": "dark"} {"run": script} {"wait": script} {"keys": "j"} {"shot": file} {"errors": true}
{"until": [script, value]} (answers what the script came to)
{"nameless": true} (what a screen reader would have to leave without a name)
"""

import base64
import json
import subprocess
import sys
import tempfile
import time
import urllib.request

import websocket

# Each with the code by which Chromium knows what it does.
KEYS = {"down": ("ArrowDown", 40), "up": ("ArrowUp", 38), "escape": ("Escape", 27), "tab": ("Tab", 9), "enter": ("Enter", 13)}
TEXTS = {"enter": "\r"}
CONTROLS = {"button", "checkbox", "combobox", "DisclosureTriangle", "image", "link", "searchbox", "spinbutton", "textbox"}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--remote-allow-origins=*"]


class Page:
    def __init__(self, port):
        targets = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json"))
        url = next(t["webSocketDebuggerUrl"] for t in targets if t["type"] == "page")
        self.socket = websocket.create_connection(url, timeout=30)
        self.number, self.errors = 0, []
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            if message.get("method") == "Runtime.exceptionThrown":
                self.errors.append(message["params"]["exceptionDetails"].get("exception", {}).get("description", "?"))
            if message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
                self.errors.append(message["params"]["entry"]["text"])

    def run(self, script):
        result = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def wait(self, script):
        # Bounded by the test that reads: a page that never comes there ends it.
        deadline = time.monotonic() + 20
        while not (value := self.run(script)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"never true: {script}\n" + self.run("document.body.innerText"))
        return value

    def until(self, script, expected):
        deadline = time.monotonic() + 20
        while (value := self.run(script)) != expected and time.monotonic() < deadline:
            pass
        return value

    def key(self, name):
        key, code = KEYS.get(name, (name, 0))
        text = TEXTS.get(name, "" if name in KEYS else key)
        more = {"text": text} if text else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **more)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def nameless(self):
        nodes = self.ask("Accessibility.getFullAXTree")["nodes"]
        told = [(n["role"]["value"], n.get("name", {}).get("value", "").strip()) for n in nodes if not n["ignored"]]
        return [role for role, name in told if role in CONTROLS and not name]

    def do(self, step):
        (what, value), = step.items()
        match what:
            case "open":
                self.ask("Page.navigate", url=value)
                return self.wait("document.readyState === 'complete'")
            case "size":
                return self.ask("Emulation.setDeviceMetricsOverride", width=value[0], height=value[1], deviceScaleFactor=1, mobile=False)
            case "scheme":
                return self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])
            case "run":
                return self.run(value)
            case "wait":
                return self.wait(value)
            case "until":
                return self.until(*value)
            case "keys":
                return [self.key(name) for name in value.split()] and None
            case "shot":
                data = self.ask("Page.captureScreenshot", format="png")["data"]
                return open(value, "wb").write(base64.b64decode(data))
            case "nameless":
                return self.nameless()
            case "errors":
                self.run("0")
                return self.errors


with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
    chromium = subprocess.Popen(["chromium", *FLAGS, f"--user-data-dir={profile}", "--remote-debugging-port=0"],
                                stderr=subprocess.PIPE, text=True)
    try:
        address = next(line for line in chromium.stderr if "DevTools listening on" in line)
        page = Page(address.split("127.0.0.1:")[1].split("/")[0])
        for line in sys.stdin:
            print(json.dumps(page.do(json.loads(line))), flush=True)
    finally:
        chromium.kill()
