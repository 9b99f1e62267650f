"""Runs a program as a strict cluster runs a container: `confine.py ROOT PROGRAM ARGUMENT...` has ROOT, read-only, for all files, user 65532,
no capability that could ever come back, and the default filter of system calls of container engines (containers-common's file). Needs
root, and a mount namespace of its own."""

import ctypes
import json
import os
import platform
import subprocess
import sys

import pyseccomp as seccomp

PROFILE = "/usr/share/containers/seccomp.json"
OPERATORS = {"SCMP_CMP_EQ": seccomp.EQ, "SCMP_CMP_NE": seccomp.NE, "SCMP_CMP_MASKED_EQ": seccomp.MASKED_EQ}
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 23, 24, 38


def applies(rule):
    """Whether it is for this machine and for a process without capabilities."""
    included, excluded = rule.get("includes") or {}, rule.get("excludes") or {}
    here = ARCHITECTURE in included.get("arches", [ARCHITECTURE]) and ARCHITECTURE not in excluded.get("arches", [])
    return here and not included.get("caps")


def action(rule):
    return seccomp.ALLOW if rule["action"] == "SCMP_ACT_ALLOW" else seccomp.ERRNO(rule.get("errnoRet") or 1)


def argument(of):
    value = (of["value"], of["valueTwo"]) if of["op"] == "SCMP_CMP_MASKED_EQ" else (of["value"],)
    return seccomp.Arg(of["index"], OPERATORS[of["op"]], *value)


def default_filter():
    profile = json.load(open(PROFILE))
    default = seccomp.ERRNO(profile["defaultErrnoRet"])
    made = seccomp.SyscallFilter(default)
    for rule in filter(applies, profile["syscalls"]):
        if action(rule) == default:
            continue
        for name in rule["names"]:
            try:
                seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
            except ValueError:
                continue
            made.add_rule(action(rule), name, *map(argument, rule.get("args") or []))
    return made


root, program, *arguments = sys.argv[1:]
made = default_filter()
subprocess.run(["mount", "--bind", root, root], check=True)
subprocess.run(["mount", "-o", "remount,ro,bind", root], check=True)
# Every engine gives a container these.
for device in ["/dev/random", "/dev/urandom"]:
    subprocess.run(["mount", "--bind", device, root + device], check=True)
os.chroot(root)
os.chdir("/")
libc = ctypes.CDLL(None, use_errno=True)
for capability in range(64):
    if libc.prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1:
        assert libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0, capability
os.setgroups([])
os.setresgid(65532, 65532, 65532)
os.setresuid(65532, 65532, 65532)
assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
made.load()
os.execve(program, [program, *arguments], {})
