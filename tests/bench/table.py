#!/usr/bin/env python3
"""Prints the whole table of how fast stagegate is, beside nginx that only forwards. See README.md beside it.

    tests/bench/table.py             five rounds
    tests/bench/table.py --quick     one short round, to see that everything runs

Every answer is compared byte for byte, and every request must be counted once in /metrics: else it fails.
"""
import os, re, shutil, statistics, subprocess, sys, time

import bench

WORKLOADS = [("small", "proxy, 200 B", 1.15), ("medium", "proxy, 4 KB", 1.2), ("large", "proxy, 1 MB, an escape every 6 bytes", 1.25),
             ("text", "proxy, 1 MB, no escapes", 1.1), ("b64", "proxy, 768 KB of base64", 1.3), ("post4k", "proxy, POST of 4 KB", 1.35),
             ("upload", "proxy, POST of 1 MB", 1.8), ("custom", "custom integration, 200 B", 1.8), ("custom4k", "custom integration, 4 KB", 2.4)]
HEAD = "admin: { listen: 127.0.0.1:0 }\nthreads: %d\nlog: { format: json, level: warn }\nfunctions: { '*': { invoke_api: 'http://127.0.0.1:%d' } }\n"
PROXY = "{ type: AWS_PROXY, function: f%d }"
CUSTOM = """
        type: AWS
        function: f%d
        requestTemplates: { application/json: '{"path": "$context.resourcePath", "text": $input.json("$.text")}' }
        responses:
          - { statusCode: "404", selectionPattern: '.*NotFound.*', responseTemplates: { application/json: '{"error": $input.json("$.errorMessage")}' } }
          - { statusCode: "500", selectionPattern: '[\\s\\S]*(Error|failed)[\\s\\S]*', responseTemplates: { application/json: '{"message": "internal"}' } }
          - { statusCode: "200", responseTemplates: { application/json: '$input.json("$")' } }"""


def routes(count, integration):
    route = "    - path: /things%d/{id}/part%d\n      method: ANY\n      methodResponses: [200, 404, 500]\n      integration: %s\n"
    return "api:\n  routes:\n" + "".join(route % (n, n % 4, integration % (n % 50)) for n in range(count))


def patterns(count):
    """One method with that many selection patterns, of which the middle one matches."""
    text = "api:\n  routes:\n    - path: /small\n      method: GET\n      methodResponses: [200, 400]\n      integration:\n        type: AWS\n        function: error\n        responses:\n"
    for n in range(count):
        status, number = (200, 500) if n == count // 2 else (400, 1000 + n)
        text += "          - { statusCode: \"%d\", selectionPattern: '.*item %d was not found.*', responseTemplates: { application/json: '{}' } }\n" % (status, number)
    return text


class Table:
    def __init__(self, a):
        self.a, self.rows, self.failed, self.port = a, [], False, 9300

    def row(self, name, value, asked, ok=None):
        print("| %s | %s | %s |%s" % (name, value, asked, "" if ok or ok is None else " missed"), flush=True)

    def target(self, name, text, threads=1, path="/small"):
        """stagegate with an API of its own, on ports of its own."""
        self.port += 1
        file = os.path.join(self.a.tmp, name + ".yaml")
        with open(file, "w") as f:
            f.write(HEAD % (threads, self.a.upstream_port) + text)
        t = bench.Target(self.a, name, self.port, "%s %s" % (bench.command(self.a), file))
        t.path = path
        return t

    def ratios(self):
        a = self.a
        a.cases = ",".join(name for name, _, _ in WORKLOADS)
        info, raw = bench.compare(a, self.up)
        for name, title, asked in WORKLOADS:
            ours, nginx = raw[name]["stagegate"], raw[name]["nginx"]
            self.failed |= any(m["bad"] for m in ours + nginx)
            each = [m["cpu"] / n["cpu"] for m, n in zip(ours, nginx)]
            middle = statistics.median(each)
            us = statistics.median(m["cpu"] for m in ours)
            self.row(title, "%.2f [%.2f–%.2f] (%.1f µs)" % (middle, min(each), max(each), us), "≤ %g" % asked, middle <= asked)
        for name, size, asked in [("small", "200 B", 1.2), ("large", "1 MB", 1.3)]:
            each = [m["p99"] / max(1, n["p99"]) for m, n in zip(raw[name]["stagegate"], raw[name]["nginx"])]
            middle = statistics.median(each)
            self.row("p99 at a fixed rate, " + size, "%.2f [%.2f–%.2f]" % (middle, min(each), max(each)), "≤ %g" % asked, middle <= asked)
        ours, nginx = info["stagegate"], info["nginx"]
        for key, title, asked in [("pss64", "memory, 64 idle connections", 6), ("pss2000", "memory, 2,000 idle connections", 16),
                                  ("pss_after", "memory after the load", 20)]:
            shown = ["-" if i[key] is None else "%.1f" % i[key] for i in (ours, nginx)]
            self.row(title, "%s MiB (nginx %s)" % tuple(shown), "≤ %d MiB" % asked, ours[key] is not None and ours[key] <= asked)

    def definitions(self):
        memory = {}
        for count, integration, title in [(1, PROXY, None), (300, PROXY, "300 methods"), (10_000, PROXY, "10,000 methods"),
                                          (1, CUSTOM, None), (300, CUSTOM, "300 custom methods"), (10_000, CUSTOM, "10,000 custom methods")]:
            starts, kept = [], []
            for _ in range(1 if self.a.quick else 5):
                t = self.target("definition", routes(count, integration), path="/things0/1/part0")
                starts.append(t.start())
                time.sleep(2)
                kept.append(bench.pss_mb(t.pids))
                t.stop()
            memory[count, integration], start = statistics.median(kept), statistics.median(starts)
            more = memory[count, integration] - memory[1, integration]
            if count == 300:
                self.row(title, "+%.1f MiB · %.0f ms" % (more, start), "+2 MiB", more <= 2)
            elif title:
                value = "%.1f MiB · %.0f ms [%.0f–%.0f]" % (memory[count, integration], start, min(starts), max(starts))
                self.row(title, value, "≤ 60 MiB · ≤ 150 ms", memory[count, integration] <= 60 and start <= 150)

    def warm(self, t, path):
        """A start has things to put away."""
        time.sleep(2)
        t.load(path=path, conns=self.a.conns, secs=0.5)

    def against(self, title, asked, few, many, path):
        """The cost of a request among many, as a ratio to that among few, in turns."""
        each = []
        for t in (few, many):
            t.start()
            self.warm(t, path)
        for n in range(self.a.rounds):
            cost = {}
            for t in [few, many][::-1 if n % 2 else 1]:
                before = bench.cpu_s(t.pids)
                o = t.load(path=path, conns=self.a.conns, secs=self.a.secs)
                self.failed |= o["bad"] > 0
                cost[t] = (bench.cpu_s(t.pids) - before) / max(1, o["done"])
            each.append(cost[many] / cost[few])
        few.stop(), many.stop()
        middle = statistics.median(each)
        self.row(title, "%.2f [%.2f–%.2f]" % (middle, min(each), max(each)), "≤ %g" % asked, middle <= asked)

    def threads(self):
        """One thread and two. With four cores by requests a second; with fewer by what a request costs on all of them together."""
        text, speed = "api:\n  routes:\n    - { path: '/{proxy+}', method: ANY, integration: { type: AWS_PROXY, function: f } }\n", []
        cores = os.cpu_count()
        for _ in range(self.a.rounds):
            got = []
            for threads in (1, 2):
                t = self.target("threads%d" % threads, text, threads)
                t.start()
                for pid in t.pids:
                    for task in os.listdir("/proc/%d/task" % pid):
                        os.sched_setaffinity(int(task), {1, 2} if cores >= 4 else set(range(cores)))
                self.warm(t, "/small")
                before = bench.cpu_s(t.pids)
                o = t.load(path="/small", conns=self.a.conns, secs=self.a.secs)
                self.failed |= o["bad"] > 0
                got.append(o["rps"] if cores >= 4 else threads * o["done"] / (bench.cpu_s(t.pids) - before))
                t.stop()
            speed.append(got[1] / got[0])
        middle = statistics.median(speed)
        how = "" if cores >= 4 else " (by the cost of a request: with %d cores there is no room for the load)" % cores
        self.row("two threads against one" + how, "%.2f [%.2f–%.2f]" % (middle, min(speed), max(speed)), "≥ 1.8", middle >= 1.8)

    def templates(self):
        if not shutil.which("javac"):
            return self.row("templates against Velocity", "not measured: no JDK", "≥ 3 (2)")
        command = [sys.executable, os.path.join(bench.HERE, "templates/bench.py"), "--rounds", str(self.a.rounds)]
        out = subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout
        ratios = [float(n) for n in re.findall(r"([\d.]+)x", out)]
        if not ratios:
            return self.row("templates against Velocity", "not measured: see templates/bench.py", "≥ 3 (2)")
        self.row("templates against Velocity: mean (slowest)", "%.1f (%.1f)" % (ratios[-1], min(ratios)), "≥ 3 (2)", ratios[-1] >= 3 and min(ratios) >= 2)

    def print(self):
        load = os.getloadavg()[0]
        print("%s; load %.1f, %d cores; ratios to nginx in the same round, CPU per request, median [least–most] of %d rounds\n"
              % (time.strftime("%Y-%m-%d"), load, os.cpu_count(), self.a.rounds))
        print("| | measured | asked |\n|---|---|---|")
        self.ratios()
        self.definitions()
        self.threads()
        path = "/things%d/1/part%d"
        self.against("10,000 routes against 10", 1.1, self.target("routes10", routes(10, PROXY), path=path % (5, 1)),
                     self.target("routes10000", routes(10_000, PROXY), path=path % (5, 1)), path % (5, 1))
        self.against("1,000 patterns against 10", 1.1, self.target("patterns10", patterns(10)), self.target("patterns1000", patterns(1000)), "/small")
        if not self.a.quick:
            self.templates()


def main():
    p = bench.options()
    p.add_argument("--quick", action="store_true", help="one short round")
    a = p.parse_args()
    if a.quick:
        a.rounds, a.secs, a.rate_secs = 1, 0.5, 0.5
    table = Table(a)
    table.up = bench.prepare(a)
    try:
        table.print()
    finally:
        table.up.terminate()
        table.up.wait()
        shutil.rmtree(a.tmp, ignore_errors=True)
    if table.failed:
        sys.exit("answers were wrong, missing, or not counted once: see above")


if __name__ == "__main__":
    main()
