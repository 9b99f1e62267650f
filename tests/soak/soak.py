#!/usr/bin/env python3
"""Soak: mixed traffic against the real binary for as long as you like; then nothing may have grown, and every counter must be what
clients and backends saw. See README.md beside it."""

import argparse
import asyncio
import gzip
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

from backends import Backend, Runtimes
from clients import ABANDONED, Clients, labels

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# What may be more at the end than at the beginning: a share of it, and so much.
TOLERANCE = {"memory MiB": (0.10, 4), "descriptors": (0.15, 15), "threads": (0, 3)}
# Counters that clients and backends can tell exactly.
COMPARED = ("responses_total", "request_duration_seconds_count", "failures_total", "invocations_total", "masked_errors_total",
            "integration_response_matches_total", "faults_injected_total", "authorizer_results_total")


class Sidecar:
    """The process, and what it says of itself."""

    def __init__(self, binary, folder, backend, runtime):
        self.folder, self.places = folder, {"{BACKEND}": backend, "{RUNTIME}": str(runtime)}
        self.write(0)
        self.log = open(folder / "log", "w+")
        variables = {name: value for name, value in os.environ.items() if not name.startswith("STAGEGATE_")}
        self.process = subprocess.Popen([binary, "run"], cwd=folder, stderr=self.log, stdout=subprocess.DEVNULL, env=variables)
        self.ports = self.listening()

    def listening(self):
        """Data port and admin port, as the log tells them: whoever asks the data port is counted."""
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            for line in (self.folder / "log").read_text().splitlines():
                if '"listening"' in line:
                    line = json.loads(line)
                    return [int(line[name].rsplit(":", 1)[1]) for name in ("data", "admin")]
            time.sleep(0.05)
        sys.exit(f"stagegate did not start: {(self.folder / 'log').read_text()}")

    def write(self, number):
        """A configuration: every other one is bad, and each good one differs from the last."""
        extra = f'    - {{ path: "/extra-{number}", method: GET, integration: {{ type: AWS_PROXY, function: invoked }} }}'
        text = (HERE / "soak.yaml").read_text().replace("{EXTRA}", extra)
        for name, value in self.places.items():
            text = text.replace(name, value)
        new = self.folder / "new.yaml"
        new.write_text("nonsense: [" if number % 2 else text)
        new.replace(self.folder / "stagegate.yaml")

    def ask(self, path, packed=False):
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports[1]}{path}", headers={"Accept-Encoding": "gzip"} if packed else {})
        with urllib.request.urlopen(request, timeout=60) as answer:
            body = answer.read()
        return (gzip.decompress(body) if packed else body).decode()

    def metrics(self, packed=False):
        lines = (line.rsplit(" ", 1) for line in self.ask("/metrics", packed).splitlines() if not line.startswith("#"))
        return {series: float(value) for series, value in lines}

    def measure(self):
        proc = Path(f"/proc/{self.process.pid}")
        smaps = (proc / "smaps_rollup").read_text()
        return {
            "memory MiB": int(re.search(r"^Pss:\s+(\d+)", smaps, re.M)[1]) / 1024,
            "descriptors": len(os.listdir(proc / "fd")),
            "threads": len(os.listdir(proc / "task")),
        }


class Watch:
    """What is asked of the running process: its size, its metrics, reloads."""

    def __init__(self, sidecar):
        self.sidecar = sidecar
        self.samples, self.last, self.wrong = [], {}, []
        self.scrapes = self.good = self.bad = 0
        self.slowest = 0.0

    async def measure(self, stop):
        while not stop.is_set():
            self.samples.append(self.sidecar.measure())
            await asyncio.sleep(1)

    async def scrape(self, stop):
        """No counter ever goes back, reloads or not."""
        while not stop.is_set():
            begun = time.monotonic()
            now = await asyncio.to_thread(self.sidecar.metrics, self.scrapes % 2 == 0)
            self.slowest = max(self.slowest, time.monotonic() - begun)
            back = [s for s, value in now.items() if ("_total" in s or "_count" in s) and value < self.last.get(s, 0)]
            gone = [s for s in self.last if s not in now and "/extra-" not in s]
            if back or gone:
                self.wrong.append(f"a scrape: {back} went back, {gone} went away")
            self.last = now
            self.scrapes += 1
            for path in ("/requests", "/definition", "/problems"):
                await asyncio.to_thread(self.sidecar.ask, path)
            await asyncio.sleep(1)

    async def reload(self, stop):
        number = 0
        while not stop.is_set():
            number += 1
            good = number % 2 == 0
            self.sidecar.write(number)
            if number % 3 == 0:
                self.sidecar.process.send_signal(signal.SIGHUP)
            if not await self.shows(lambda: ("/extra-%d\"" % number in self.sidecar.ask("/metrics")) if good
                                    else self.sidecar.metrics()["stagegate_config_last_reload_successful"] == 0):
                self.wrong.append(f"reload {number} did not come")
            self.good, self.bad = self.good + good, self.bad + (not good)
            await asyncio.sleep(1.5)

    async def shows(self, is_there):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if await asyncio.to_thread(is_there):
                return True
            await asyncio.sleep(0.1)
        return False


async def soak(binary, seconds, folder):
    backend = Backend()
    address = await backend.start()
    runtime = free_port()
    sidecar = Sidecar(binary, folder, address, runtime)
    clients, runtimes, watch = Clients(sidecar.ports[0]), Runtimes(runtime), Watch(sidecar)
    stop, end = asyncio.Event(), asyncio.Event()
    at_work = [clients.work(stop, what) for what, count in [
        (clients.keep_alive, 12), (clients.over_http2, 3), (clients.reset, 1), (clients.pipelining, 1), (clients.aborted, 4),
        (clients.bad_heads, 1)] for _ in range(count)]
    at_work = [asyncio.create_task(work) for work in at_work]
    beside = [asyncio.create_task(runtimes.serve(end)) for _ in range(4)]
    watching = [asyncio.create_task(work(stop)) for work in (watch.measure, watch.scrape, watch.reload)]
    await asyncio.sleep(seconds)
    stop.set()
    await asyncio.gather(*at_work, *watching)
    settled = await watch.shows(lambda: sidecar.metrics()["stagegate_in_flight_requests"] == 0)
    counted = sidecar.metrics()
    end.set()
    await asyncio.gather(*beside)
    sidecar.process.send_signal(signal.SIGTERM)
    try:
        code = sidecar.process.wait(30)
    except subprocess.TimeoutExpired:
        sidecar.process.kill()
        code = "none in 30 s"
    wrong = clients.wrong + watch.wrong + [f"the soak's own: {e}" for e in backend.failed + runtimes.failed]
    wrong += [] if settled else [f"{counted['stagegate_in_flight_requests']} requests in flight without a client"]
    wrong += [] if code == 0 else [f"it ended with {code}"]
    if "panicked" in (folder / "log").read_text():
        wrong.append("it panicked")
    wrong += growth(watch.samples) + miscounts(counted, clients, backend, runtimes)
    print(f"slowest answer: {clients.slowest[0]:.2f} s ({clients.slowest[1]})")
    print(f"{clients.requests} requests, {clients.maybe} taken back, {sum(backend.seen.values())} calls, {runtimes.died} runtimes "
          f"that died, {watch.good} good and {watch.bad} bad reloads, {watch.scrapes} scrapes (slowest {watch.slowest * 1000:.0f} ms)")
    return wrong


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def growth(samples):
    """The first third against the last one, the start left out: what was more at the end."""
    samples = samples[len(samples) // 10:]
    third = max(1, len(samples) // 3)
    wrong = []
    for what, (share, more) in TOLERANCE.items():
        first, last = (statistics.median(s[what] for s in part) for part in (samples[:third], samples[-third:]))
        print(f"{what}: {first:.1f} in the first third, {last:.1f} in the last")
        if last > first * (1 + share) + more:
            wrong.append(f"{what} grew from {first:.1f} to {last:.1f}")
    return wrong


def miscounts(counted, clients, backend, runtimes):
    counted = Counter({series: value for series, value in counted.items() if series.startswith(tuple(f"stagegate_{c}{{" for c in COMPARED))})
    expected, wrong = Counter(clients.expected), []
    # Requests that were taken back count if they had come: what was called says how many had.
    late = backend.seen["abandoned"] - expected[labels("invocations_total", function="abandoned", outcome="success")]
    for series in ABANDONED.series:
        expected[series] += late
    if not 0 <= late <= clients.maybe:
        wrong.append(f"{late} calls for {clients.maybe} requests that were taken back")
    # Who asks the authorizer that keeps its answers is a matter of chance, not how many ask.
    kept = {cache: counted.pop(labels("authorizer_results_total", authorizer="kept", result="allow", cache=cache), 0) for cache in ("hit", "miss")}
    asks = expected[labels("responses_total", resource="/kept", method="GET", status=200)]
    if sum(kept.values()) != asks:
        wrong.append(f"{kept} answers of the authorizer for {asks} requests")
    expected[labels("invocations_total", function="guard", outcome="success")] += kept["miss"]
    for series in sorted(expected.keys() | counted.keys()):
        if counted[series] != expected[series]:
            wrong.append(f"{series} is {counted[series]:.0f} instead of {expected[series]}")
    return wrong + calls(counted, backend, runtimes)


def calls(counted, backend, runtimes):
    """Each call once at its backend, but for those that failed on purpose."""
    made = Counter()
    for series, count in counted.items():
        if name := re.match(r'stagegate_invocations_total\{function="(.*?)"', series):
            made[name[1]] += count
    made["invoked"] -= sum(counted[labels("faults_injected_total", cause=cause, method="ANY", resource="/proxy/{kind}")]
                           for cause in ("timeout", "function_error"))
    polled = counted[labels("invocations_total", function="polled", outcome="success")]
    seen = Counter({**backend.seen, "polled": made["polled"]})
    del seen["http"]
    # A tenth of a second is little on a machine that has other work: a call may be given up before its backend has read it.
    if seen["slow"] <= made["slow"] <= seen["slow"] * 1.01:
        del seen["slow"], made["slow"]
    wrong = [f"{seen[name]} calls of {name} came, {made[name]:.0f} are counted" for name in sorted(seen | made) if seen[name] != made[name]]
    return wrong if polled == runtimes.answered else [*wrong, f"{runtimes.answered} answers of runtimes were taken, {polled:.0f} are counted"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--binary", default=ROOT / "target/release/stagegate", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stagegate-soak-") as folder:
        wrong = asyncio.run(soak(arguments.binary.resolve(), arguments.minutes * 60, Path(folder)))
    for what in wrong[:50]:
        print(f"WRONG: {what}")
    print(f"{len(wrong)} faults" if wrong else "nothing grew, every counter is exact")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
