#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run test programs that print TAP, show what failed, and add up what they said.

usage: tap_sum.py [--log-dir DIR] [--jobs N] [--timeout SECONDS] NAME=COMMAND [NAME=COMMAND ...]

A program passes when its exit status is 0, every line of its plan has come and none says "not ok". A program that dies, prints no plan or fewer
lines than planned, or takes longer than the time-out (600 s) counts as one more failure. cmocka's "not ok N # SKIP" is a skipped test. N programs
run at a time (1); the lines come in the order of the arguments. The last line is "N passed, N failed, N skipped"; exit status 1 when anything failed.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

LINE = re.compile(r"^\s*(not ok|ok)\b(.*)$")
PLAN = re.compile(r"^\s*1\.\.(\d+)(.*)$")
SKIP = re.compile(r"#\s*skip\b", re.I)
RUNNING = set()  # process groups


def execute(command, timeout):
    """Output, exit status and whether the time was up. The command has its own process group, of which nothing is left running; its output goes to a
    file, since a process that it forgot would keep a pipe open for ever."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        RUNNING.add(child.pid)
        late = False
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            late = True
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
        RUNNING.discard(child.pid)
        out.seek(0)
        return out.read().decode("utf-8", errors="replace"), child.returncode, late


def stop(number, _frame):
    """Ended by a signal: the programs have groups of their own and would go on alone."""
    for group in list(RUNNING):
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass
    os._exit(128 + number)


def count(lines):
    """Passed, failed, skipped, number planned (None: no plan), and the lines that tell of failures."""
    passed = failed = skipped = 0
    planned = None
    problems = []
    for line in lines:
        plan = PLAN.match(line)
        if plan:
            planned = (planned or 0) + int(plan.group(1))
            continue
        result = LINE.match(line)
        if not result:
            continue
        if SKIP.search(result.group(2)):
            skipped += 1
        elif result.group(1) == "ok":
            passed += 1
        else:
            failed += 1
            problems.append(line.strip())
    return passed, failed, skipped, planned, problems


def run(name, command, log_dir, timeout):
    """Run one program; gives passed, failed, skipped and the text to print."""
    started = time.monotonic()
    out, status, late = execute(command, timeout)
    lines = out.splitlines()
    passed, failed, skipped, planned, problems = count(lines)
    if late:
        problems.append(f"stopped after {timeout} s")
    elif planned is None:
        problems.append("no TAP plan was printed")
    elif planned != passed + failed + skipped:
        problems.append(f"{planned} tests were planned, {passed + failed + skipped} reported")
    elif status != 0 and failed == 0:
        problems.append(f"exit status {status}")
    if len(problems) > failed:
        failed += 1
    log = os.path.join(log_dir, re.sub(r"[^A-Za-z0-9_.-]", "_", name) + ".log")
    with open(log, "w", encoding="utf-8", errors="replace") as f:
        f.write(out)
    mark = "FAIL" if failed else "ok"
    text = [f"{mark:4} {name}: {passed} passed, {failed} failed, {skipped} skipped ({time.monotonic() - started:.1f} s)"]
    if failed:
        text += [f"       {problem}" for problem in problems[:20]]
        text.append(f"       the end of {log}:")
        text += [f"       | {line}" for line in lines[-30:]]
    return passed, failed, skipped, "\n".join(text)


def main():
    args = sys.argv[1:]
    options = {"--log-dir": "build/test-logs", "--jobs": "1", "--timeout": "600"}
    while len(args) > 1 and args[0] in options:
        options[args[0]], args = args[1], args[2:]
    if not args or any("=" not in arg for arg in args):
        sys.exit(__doc__)
    os.makedirs(options["--log-dir"], exist_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    total = [0, 0, 0]
    with ThreadPoolExecutor(max(1, int(options["--jobs"]))) as pool:
        runs = [pool.submit(run, *arg.split("=", 1), options["--log-dir"], float(options["--timeout"])) for arg in args]
        for done in runs:
            result = done.result()
            print(result[3], flush=True)
            for i in range(3):
                total[i] += result[i]
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    sys.exit(1 if total[1] else 0)


if __name__ == "__main__":
    main()
