# SPDX-License-Identifier: Apache-2.0
"""`zync serve` as a child process: what it logs, and what it tells the service manager."""
import os
import signal
import socket
import subprocess
import time

WAIT_S = 60


def wait_until(check, seconds=WAIT_S, every=0.05):
    """Ask until the answer is true; gives the last answer."""
    end = time.monotonic() + seconds
    while True:
        answer = check()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(every)


class Serve:
    """Started at once and ready when the constructor returns, unless `ready=False`. What it says goes to the Work's texts, so that leaks() looks into it."""

    number = 0

    def __init__(self, work, *args, ready=True, env=None):
        self.work = work
        Serve.number += 1
        self.log_path = work.path(f"serve-{Serve.number}.log")
        self.told = []
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind("\0" + f"zync-e2e-{os.getpid()}-{Serve.number}")
        self.manager.setblocking(False)
        environment = {**work.environment, "NOTIFY_SOCKET": f"@zync-e2e-{os.getpid()}-{Serve.number}", **(env or {})}
        with open(self.log_path, "wb") as log:
            self.child = subprocess.Popen([work.program, *args, "serve"], cwd=work.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.is_ready = ready and self.wait_told("READY=1")

    def listen(self):
        while True:
            try:
                self.told.append(self.manager.recv(4096).decode())
            except BlockingIOError:
                return

    def wait_told(self, words, after=0, seconds=WAIT_S):
        """Has the service manager been told these words, in its datagrams from number `after` on?"""
        def heard():
            self.listen()
            return any(words in text for text in self.told[after:])
        return bool(wait_until(lambda: heard() or self.child.poll() is not None, seconds) and heard())

    def reload(self):
        """SIGHUP; true when it is ready again."""
        self.listen()
        before = len(self.told)
        self.child.send_signal(signal.SIGHUP)
        return self.wait_told("RELOADING=1", before) and self.wait_told("READY=1", before)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def lines(self, *words):
        """Lines of the log that hold all of these words."""
        return [line for line in self.log().splitlines() if all(word in line for word in words)]

    def alive(self):
        return self.child.poll() is None

    def end(self, number=signal.SIGTERM, seconds=WAIT_S):
        """Send the signal and wait; (exit code, seconds that it took)."""
        started = time.monotonic()
        if self.child.poll() is None:
            self.child.send_signal(number)
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        took = time.monotonic() - started
        if self.manager is not None:
            self.listen()
            self.manager.close()
            self.manager = None
            self.work.said.append(self.log() + "\n".join(self.told))
        return self.child.returncode, took

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def __str__(self):
        return f"zync serve (process {self.child.pid}, exit {self.child.poll()})\ntold: {self.told[-5:]}\n{self.log()[-3000:]}"
