#!/usr/bin/env python3
"""Compares stagegate's templates with Apache Velocity 1.7: renders per second of ten templates of the kind real APIs have.

    tests/bench/templates/bench.py [--seconds 2] [--rounds 3] [--only 07]

Needs cargo, a JDK and the jars of ../../differential/oracle. Both sides parse each template once, and the body in each render;
Java has warmed up for twice the time that is measured. They take turns; the table shows medians. Outputs are compared too.
"""
import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent.parent


def lines(command):
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: (float(rate), digest) for name, rate, digest in map(str.split, out.splitlines())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", default="2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="templates whose names begin so")
    args = parser.parse_args()
    manifest = TESTS.parent / "Cargo.toml"
    subprocess.run(["cargo", "build", "--profile", "dist", "--quiet", "--manifest-path", manifest, "--example", "templates"], check=True)
    ours = TESTS.parent / "target/dist/examples/templates"
    oracle = TESTS / "differential/oracle"
    subprocess.run(["sh", oracle / "build.sh"], check=True)
    jars = (oracle / "build/classpath").read_text().strip()
    with tempfile.TemporaryDirectory() as built:
        subprocess.run(["javac", "-nowarn", "-cp", jars, "-d", built, HERE / "Templates.java"], check=True, stderr=subprocess.DEVNULL)
        cases = pathlib.Path(built) / "cases"
        cases.mkdir()
        for file in (HERE / "cases").glob(f"{args.only}*"):
            shutil.copy(file, cases)
        java = ["java", "-cp", f"{built}:{jars}", "Templates", cases, args.seconds]
        rounds = [(lines([ours, cases, args.seconds]), lines(java)) for _ in range(args.rounds)]
    print(f"{'template':<16} {'stagegate/s':>12} {'velocity/s':>12} {'ratio':>7}")
    ratios, same = [], True
    for name in sorted(rounds[0][0]):
        mine = statistics.median(r[0][name][0] for r in rounds)
        theirs = statistics.median(r[1][name][0] for r in rounds)
        equal = rounds[0][0][name][1] == rounds[0][1][name][1]
        same &= equal
        ratios.append(mine / theirs)
        print(f"{name:<16} {mine:>12,.0f} {theirs:>12,.0f} {mine / theirs:>6.1f}x{'' if equal else '   OTHER OUTPUT'}")
    print(f"{'geometric mean':<16} {'':>12} {'':>12} {statistics.geometric_mean(ratios):>6.1f}x")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
