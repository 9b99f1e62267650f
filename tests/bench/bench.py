#!/usr/bin/env python3
"""Compares stagegate (and any other proxy) with plain nginx in one interleaved run. See README.md beside it."""
import argparse, glob, http.client, json, os, re, resource, shlex, shutil, signal, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BIN = os.path.join(HERE, "target/release")
# What makes the binary that is released, and where it is put.
RELEASE, BINARY = os.path.join(ROOT, "deploy/build"), os.path.join(ROOT, "target/out/stagegate")
TICK = os.sysconf("SC_CLK_TCK")
CASES = {"small": ("/small", 0), "medium": ("/medium", 0), "large": ("/large", 0), "text": ("/text", 0),
         "b64": ("/b64", 0), "upload": ("/small", 1 << 20), "post4k": ("/small", 4096),
         "custom": ("/custom/small", 200), "custom4k": ("/custom/medium", 4096)}
ACCEPT = {"b64": "application/octet-stream"}
RATE = {"large": 150, "text": 150, "b64": 150, "upload": 150}

NGINX = """
worker_processes 1; daemon off; pid {d}/pid; error_log {d}/err warn; worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000000; client_max_body_size 16m; client_body_buffer_size 2m;
  client_body_temp_path {d}; proxy_temp_path {d}; fastcgi_temp_path {d}; uwsgi_temp_path {d}; scgi_temp_path {d};
  upstream fn {{ server 127.0.0.1:{up}; keepalive 256; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} reuseport;
    location / {{
      proxy_pass http://fn; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffer_size 16k; proxy_buffers 8 16k; proxy_busy_buffers_size 32k; proxy_max_temp_file_size 0;
    }}
  }}
}}
"""


def owners(port):
    """PIDs that hold a listening socket on the port."""
    inodes = set()
    for f in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            for line in open(f).readlines()[1:]:
                c = line.split()
                if c[3] == "0A" and int(c[1].rsplit(":", 1)[1], 16) == port:
                    inodes.add("socket:[%s]" % c[9])
        except OSError:
            pass
    out = set()
    for d in glob.glob("/proc/[0-9]*/fd/*"):
        try:
            if os.readlink(d) in inodes:
                out.add(int(d.split("/")[2]))
        except OSError:
            pass
    return out


def family(pids):
    """The PIDs and all their descendants."""
    kids = {}
    for s in glob.glob("/proc/[0-9]*/stat"):
        try:
            t = open(s).read()
            kids.setdefault(int(t.rsplit(")", 1)[1].split()[1]), []).append(int(s.split("/")[2]))
        except OSError:
            pass
    todo, seen = list(pids), set()
    while todo:
        p = todo.pop()
        if p not in seen:
            seen.add(p)
            todo += kids.get(p, [])
    return sorted(seen)


def cpu_s(pids):
    """CPU seconds used so far: nanosecond run time of every live thread."""
    ns = 0
    for p in pids:
        for t in glob.glob("/proc/%d/task/*/schedstat" % p):
            try:
                ns += int(open(t).read().split()[0])
            except OSError:
                pass
    return ns / 1e9


def pss_mb(pids):
    kb = 0
    for p in pids:
        try:
            for line in open("/proc/%d/smaps_rollup" % p):
                if line.startswith("Pss:"):
                    kb += int(line.split()[1])
        except OSError:
            pass
    return kb / 1024


def core_busy(core):
    for line in open("/proc/stat"):
        if line.startswith("cpu%d " % core):
            v = [int(x) for x in line.split()[1:9]]
            return (sum(v) - v[3] - v[4]) / TICK
    return 0.0


def pin(pids, core):
    for p in pids:
        for t in glob.glob("/proc/%d/task/*" % p):
            try:
                os.sched_setaffinity(int(t.rsplit("/", 1)[1]), {core})
            except OSError:
                pass


def load(a, port, **kw):
    cmd = [os.path.join(BIN, "loadgen"), "--port", str(port)]
    for k, v in kw.items():
        if v:
            cmd += ["--" + k.replace("_", "-"), str(v)]
    r = subprocess.run(cmd, stdout=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, {a.load_core}), timeout=120)
    return json.loads(r.stdout)


class Target:
    def __init__(self, a, name, port, cmd=None):
        self.a, self.name, self.port, self.cmd, self.child = a, name, port, cmd, None
        self.pids, self.path = [], "/small"
        self.admin = port + 100 if cmd and "{admin}" in cmd else None

    def counted(self):
        """Answers that stagegate has counted, over all series."""
        text = get(self.admin, "/metrics")[1].decode()
        return sum(int(n) for n in re.findall(r"^stagegate_responses_total{.*} (\d+)$", text, re.M))

    def load(self, **kw):
        """One run; what was not counted exactly once is bad."""
        before = self.counted() if self.admin else 0
        o = load(self.a, self.port, **kw)
        o["bad"] = o["non2xx"] + o["errors"] + o["unfinished"] + o["reconnects"] + o["wrong"]
        counted = self.counted() - before if self.admin else o["done"]
        if not o["done"] <= counted <= o["done"] + o["unfinished"]:
            print("COUNTED %d OF %d REQUESTS: %s" % (counted, o["done"], kw))
            o["bad"] += 1
        return o

    def start(self):
        """Starts the command, if there is one; returns ms to the first answered request."""
        ms = None
        if self.cmd:
            argv = shlex.split(self.cmd.format(port=self.port, upstream=self.a.upstream_port, admin=self.admin))
            core = self.a.proxy_core
            w = subprocess.Popen([os.path.join(BIN, "loadgen"), "--port", str(self.port), "--path", self.path, "--await", "60"], stdout=subprocess.PIPE,
                                 preexec_fn=lambda: os.sched_setaffinity(0, {self.a.load_core}))
            time.sleep(0.02)
            t0 = time.monotonic()
            self.child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                                          preexec_fn=lambda: os.sched_setaffinity(0, {core}))
            w.wait()
            ms = (time.monotonic() - t0) * 1e3
            if w.returncode:
                raise SystemExit("%s did not answer on port %d: %s" % (self.name, self.port, self.cmd))
        roots = owners(self.port)
        if not roots:
            raise SystemExit("nothing listens on port %d (%s)" % (self.port, self.name))
        self.pids = family(roots | ({self.child.pid} if self.child else set()))
        pin(self.pids, self.a.proxy_core)
        return ms

    def stop(self):
        if self.child:
            try:
                os.killpg(self.child.pid, signal.SIGTERM)
                self.child.wait(5)
            except (subprocess.TimeoutExpired, ProcessLookupError):
                try:
                    os.killpg(self.child.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                self.child.wait()
            self.child = None
            time.sleep(0.2)

    def memory(self, n):
        """Proportional RSS with n open keep-alive connections, each used once."""
        w = subprocess.Popen([os.path.join(BIN, "loadgen"), "--port", str(self.port), "--path", "/small", "--idle", str(n), "--secs", "3.5"],
                             stdout=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, {self.a.load_core}))
        time.sleep(3.0)
        v = pss_mb(self.pids)
        out = json.loads(w.communicate()[0])
        return v if out["done"] >= n and not out["errors"] and out["reconnects"] < n / 50 else None

    def measure(self, case):
        a = self.a
        path, post = CASES[case]
        same = dict(path=path, post=post, accept=ACCEPT.get(case), expect=expected(a, case, self.name))
        r = {}
        c0, b0, t0 = cpu_s(self.pids), core_busy(a.proxy_core), time.monotonic()
        o = self.load(conns=a.conns, secs=a.secs, **same)
        c1, b1, t1 = cpu_s(self.pids), core_busy(a.proxy_core), time.monotonic()
        r.update(rps=o["rps"], cpu=(c1 - c0) / max(1, o["done"]) * 1e6, busy=(c1 - c0) / (t1 - t0),
                 foreign=max(0.0, (b1 - b0) - (c1 - c0)) / (t1 - t0), bad=o["bad"])
        if a.rate_secs:
            c0 = cpu_s(self.pids)
            o = self.load(conns=a.conns, secs=a.rate_secs, rate=RATE.get(case, a.rate), **same)
            r.update(bad=r["bad"] + o["bad"], cpu_rate=(cpu_s(self.pids) - c0) / max(1, o["done"]) * 1e6, p50=o["p50"], p99=o["p99"])
            o = self.load(conns=1, secs=a.rate_secs / 2, **same)
            r.update(bad=r["bad"] + o["bad"], one_p50=o["p50"], one_p99=o["p99"])
        return r


def get(port, path, accept=None):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request("GET", path + "?a=1", headers={"Accept": accept or "*/*"})
    r = c.getresponse()
    return r.status, r.read()


def expected(a, case, name):
    """A file with the body that every answer must have: the upstream's own, or what the response template makes of it."""
    path = os.path.join(a.tmp, "%s-%s" % (case, "plain" if name in ("nginx", "floor") else "made"))
    if not os.path.exists(path):
        body = get(a.upstream_port, CASES[case][0])[1]
        if case.startswith("custom") and path.endswith("made"):
            body = ('{"result": %s}' % json.dumps(body.decode())).encode()
        with open(path, "wb") as f:
            f.write(body)
    return path


def options():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--target", action="append", default=[], metavar="NAME=PORT", help="a proxy that is already running")
    p.add_argument("--cmd", action="append", default=[], metavar="NAME=PORT=COMMAND",
                   help="a proxy to start; {port} and {upstream} are filled in")
    p.add_argument("--cases", default="small,medium,large", help="of " + ",".join(CASES))
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--secs", type=float, default=3.0, help="seconds of each saturated run")
    p.add_argument("--rate-secs", type=float, default=2.0, help="seconds of each fixed-rate run; 0 leaves them out")
    p.add_argument("--rate", type=int, default=2000, help="requests a second of the fixed-rate run (1 MB cases: 150)")
    p.add_argument("--conns", type=int, default=64)
    p.add_argument("--proxy-core", type=int, default=1)
    p.add_argument("--load-core", type=int, default=0)
    p.add_argument("--upstream-port", type=int, default=9000)
    p.add_argument("--nginx-port", type=int, default=9101)
    p.add_argument("--no-memory", action="store_true")
    p.add_argument("--floor", action="store_true", help="also the upstream alone, moved to the proxy core for its turn")
    p.add_argument("--json", help="write all raw results to this file")
    p.add_argument("--binary", help="a stagegate that is built already")
    return p


def prepare(a):
    """Builds what is to run, and starts the upstream."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
    for folder in [HERE] + ([ROOT] if not a.cmd and not a.target and not a.binary else []):
        build = [RELEASE, BINARY] if folder == ROOT else ["cargo", "build", "--release", "-q"]
        if subprocess.call(build, cwd=folder):
            raise SystemExit("cargo build failed")
    if not a.cmd and not a.target:
        a.cmd = ["stagegate=9100=%s %s/proxy.yaml" % (command(a), HERE)]
    tmp = a.tmp = tempfile.mkdtemp(prefix="bench-", dir=os.path.join(HERE, "target"))
    os.chmod(tmp, 0o755)
    with open(tmp + "/nginx.conf", "w") as f:
        f.write(NGINX.format(d=tmp, up=a.upstream_port, port=a.nginx_port))
    return subprocess.Popen([os.path.join(BIN, "fakelambda"), str(a.upstream_port)], preexec_fn=lambda: os.sched_setaffinity(0, {a.load_core}))


def command(a):
    """What runs stagegate with the configuration that follows."""
    binary = os.path.abspath(a.binary) if a.binary else BINARY
    return "env STAGEGATE_LISTEN=127.0.0.1:{port} STAGEGATE_ADMIN__LISTEN=127.0.0.1:{admin} %s run --config" % binary


def compare(a, up):
    """Every target with every case, in turns: what is known of each target, and every measurement."""
    tmp = a.tmp
    ts = [Target(a, "nginx", a.nginx_port, "nginx -e %s/err -c %s/nginx.conf" % (tmp, tmp))]
    for s in a.target:
        n, port = s.split("=", 1)
        ts.append(Target(a, n, int(port)))
    for s in a.cmd:
        n, port, cmd = s.split("=", 2)
        ts.append(Target(a, n, int(port), cmd))
    cases = a.cases.split(",")
    info, raw = {}, {}
    try:
        time.sleep(0.3)
        for t in ts:
            starts = []
            for i in range(1 if not t.cmd or a.no_memory else 5):
                t.stop()
                starts.append(t.start())
            i = info[t.name] = {"start_ms": statistics.median(starts) if t.cmd else None}
            for c in cases:
                if not CASES[c][1] and get(t.port, CASES[c][0], ACCEPT.get(c)) != get(a.upstream_port, CASES[c][0]):
                    print("WRONG ANSWER: %s, case %s" % (t.name, c))
            i["exe_mb"] = os.stat("/proc/%d/exe" % t.pids[0]).st_size / 2**20
            if not a.no_memory:
                i["pss64"], i["pss2000"] = t.memory(64), t.memory(2000)
            t.pids = family(t.pids)
            pin(t.pids, a.proxy_core)
        if a.floor:
            f = Target(a, "floor", a.upstream_port)
            f.pids = [up.pid]
            ts.append(f)
        for r in range(a.rounds):
            for c in cases:
                for t in ts if r % 2 == 0 else ts[::-1]:
                    if t.name == "floor":
                        pin([up.pid], a.proxy_core)
                    load(a, t.port, path=CASES[c][0], post=CASES[c][1], conns=a.conns, secs=0.3)
                    m = t.measure(c)
                    if t.name == "floor":
                        pin([up.pid], a.load_core)
                    raw.setdefault(c, {}).setdefault(t.name, []).append(m)
                    print("  round %d %-7s %-14s %8.0f req/s %8.2f us/req" % (r + 1, c, t.name, m["rps"], m["cpu"]), file=sys.stderr)
        # Free memory is given back every two seconds.
        time.sleep(5)
        for t in ts:
            if t.name != "floor":
                info[t.name]["pss_after"] = pss_mb(t.pids)
    finally:
        for t in ts:
            t.stop()
    return info, raw


def show(a, info, raw):
    cases = list(raw)
    med = statistics.median
    fmt = lambda v, n: "-" if v is None else "%.*f" % (n, v)
    print("\n%-15s %9s %8s %9s %9s %10s" % ("", "start ms", "exe MiB", "64 idle", "2000 idle", "after load"))
    for n, i in info.items():
        print("%-15s %9s %8s %9s %9s %10s   (Pss, MiB)" % (n, fmt(i["start_ms"], 1), fmt(i["exe_mb"], 1), fmt(i.get("pss64"), 1), fmt(i.get("pss2000"), 1), fmt(i["pss_after"], 1)))
    for c in cases:
        print("\n%s: medians of %d rounds; x = ratio to nginx in the same round, median [min-max]" % (c, a.rounds))
        print("%-15s %9s %9s  %-22s %-20s %5s %5s %8s %7s %7s %8s %7s %7s" % ("", "req/s", "us/req", "x cpu/req", "x req/s", "busy", "other", "us@rate", "p50", "p99", "x p99", "1c p50", "1c p99"))
        base = raw[c]["nginx"]
        for n, ms in raw[c].items():
            def rat(k):
                v = [m[k] / max(b[k], 1e-9) for m, b in zip(ms, base)]
                return "%.2f [%.2f-%.2f]" % (med(v), min(v), max(v))
            g = lambda k: med(m[k] for m in ms)
            line = "%-15s %9.0f %9.2f  %-22s %-20s %4.0f%% %4.0f%%" % (n, g("rps"), g("cpu"), rat("cpu"), rat("rps"), g("busy") * 100, g("foreign") * 100)
            if a.rate_secs:
                line += " %8.2f %7.0f %7.0f %8.2f %7.0f %7.0f" % (g("cpu_rate"), g("p50"), g("p99"), med(m["p99"] / max(1, b["p99"]) for m, b in zip(ms, base)), g("one_p50"), g("one_p99"))
            bad = sum(m["bad"] for m in ms)
            print(line + ("   %d FAILED REQUESTS" % bad if bad else ""))
    if a.json:
        with open(a.json, "w") as f:
            json.dump({"info": info, "raw": raw, "args": vars(a)}, f, indent=1)


def main():
    a = options().parse_args()
    up = prepare(a)
    try:
        show(a, *compare(a, up))
    finally:
        up.terminate()
        up.wait()
        shutil.rmtree(a.tmp, ignore_errors=True)


if __name__ == "__main__":
    main()
