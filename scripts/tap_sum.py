#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run test programs that print TAP, show what failed, and add up what they said.

usage: tap_sum.py [--log-dir DIR] NAME=COMMAND [NAME=COMMAND ...]

A program passes when its exit status is 0, every line of its plan has come and none says "not ok". A program that dies, prints no plan or fewer
lines than planned counts as one more failure. The last line is "N passed, N failed, N skipped"; exit status 1 when anything failed.
"""
import os
import re
import subprocess
import sys
import time

LINE = re.compile(r"^\s*(not ok|ok)\b(.*)$")
PLAN = re.compile(r"^\s*1\.\.(\d+)(.*)$")


def run(name, command, log_dir):
    started = time.monotonic()
    done = subprocess.run(["/bin/sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
    passed = failed = skipped = planned = 0
    plans = 0
    problems = []
    for line in done.stdout.splitlines():
        plan = PLAN.match(line)
        if plan:
            plans += 1
            planned += int(plan.group(1))
            continue
        result = LINE.match(line)
        if not result:
            continue
        if result.group(1) == "not ok":
            failed += 1
            problems.append(line.strip())
        elif re.search(r"#\s*skip", result.group(2), re.I):
            skipped += 1
        else:
            passed += 1
    if plans == 0:
        problems.append("no TAP plan was printed")
        failed += 1
    elif planned != passed + failed + skipped:
        problems.append(f"{planned} tests were planned, {passed + failed + skipped} reported")
        failed += 1
    if done.returncode != 0 and failed == 0:
        problems.append(f"exit status {done.returncode}")
        failed += 1
    os.makedirs(log_dir, exist_ok=True)
    log = os.path.join(log_dir, re.sub(r"[^A-Za-z0-9_.-]", "_", name) + ".log")
    with open(log, "w", encoding="utf-8", errors="replace") as out:
        out.write(done.stdout)
    mark = "FAIL" if failed else "ok"
    print(f"{mark:4} {name}: {passed} passed, {failed} failed, {skipped} skipped ({time.monotonic() - started:.1f} s)", flush=True)
    if failed:
        for problem in problems[:20]:
            print(f"       {problem}")
        print(f"       the end of {log}:")
        for line in done.stdout.splitlines()[-30:]:
            print(f"       | {line}")
    return passed, failed, skipped


def main():
    args = sys.argv[1:]
    log_dir = "build/test-logs"
    if args[:1] == ["--log-dir"]:
        log_dir, args = args[1], args[2:]
    if not args:
        sys.exit(__doc__)
    total = [0, 0, 0]
    for arg in args:
        name, _, command = arg.partition("=")
        for i, n in enumerate(run(name, command, log_dir)):
            total[i] += n
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    sys.exit(1 if total[1] else 0)


if __name__ == "__main__":
    main()
