#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The disk is full: a clear error that names it, exit code 4, a sound store, and the next run converges as soon as there is room.

Twice: a small file system of its own (tmpfs) with 0, 4, 8 … kB left, until a run fits; and every write to the files of the store from the n-th on fails with ENOSPC (fail.c).
Where nobody may mount, not even in a namespace of his own, the first half counts as skipped.

usage: torture_disk.py [--zync PROGRAM] [--build FOLDER] [--points N] [--workers N]
"""
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import crashlib
import scenes
from crashlib import Scene, World

from e2elib import Tap, arguments  # noqa: E402

ARGS = arguments(build="build/release", points=1000, workers=3)
MODULE = os.path.join(ARGS.build, "tests/torture/torture-fail.so")
BLOCK, SIZE_MB, MAX_KB = 4096, 8, 1024
NAMES_THE_DISK = ("make room on the disk", "No space left on device")
ALONE = "ZYNC_TORTURE_ALONE"  # set in a namespace of our own
tap = Tap()


def disk_scenes():
    return [
        Scene("first sync", scenes.empty, scenes.SYNC),
        Scene("one of everything", scenes.changed, scenes.SYNC, env=scenes.NEW, check=scenes.has_new_secret),
        Scene("--strict with a bad host", scenes.changed, scenes.STRICT, env=scenes.NEW, faults=scenes.BAD, code=4, ends_itself=True),
        Scene("host update", scenes.noted, ("host", "update", "noted-1", "--json")),
    ]


def fits(scene, run):
    """Did the run end as it does with room on the disk?"""
    return run.code == scene.code and not any(words in run.err for words in NAMES_THE_DISK) and all(rule["text"] in run.err for rule in scene.faults)


def judge(world, run, before, jobs):
    """A run on a full disk has ended."""
    problems = []
    rows = [row for row in world.peek("SELECT job_id, status FROM job")[0] if row[0] not in jobs]
    completed = [status for _, status in rows] == ["completed"]
    if run.code != 4 and not fits(world.scene, run):
        problems.append(f"it ended with {run.code}: {run}")
    if not fits(world.scene, run) and not any(words in run.err for words in NAMES_THE_DISK):
        problems.append(f"the message does not name the disk: {run}")
    if not completed and world.domain() != before:
        problems.append(f"the job did not complete, and the store is not as before: {run}")
    # What fails after the last commit takes nothing away, and the message says so.
    if completed and run.code == 4 and "done and recorded" not in run.err:
        problems.append(f"the job completed, and the message does not say so: {run}")
    integrity = world.peek("SELECT * FROM pragma_integrity_check")[0]
    if integrity not in ([("ok",)], []):
        problems.append(f"the store is damaged: {integrity}")
    return problems


def full(world, env, fill=None):
    """The scene's run on a full disk, then with room again: (problems, whether it was not full)."""
    scene = world.scene
    world.load("ready")
    world.before = world.dump()
    before, jobs = world.domain(), {row[0] for row in world.peek("SELECT job_id FROM job")[0]}
    if scene.faults:
        world.sim.fault(*scene.faults)
    if fill is not None:
        fill()
    run = world.zync(*scene.command, env={**scene.env, **env})
    world.sim.clear()
    problems = judge(world, run, before, jobs)
    if fill is not None:
        os.unlink(world.work.path("filler"))
    for args in scene.again:
        problems += crashlib.run_on(world, args, scene.env)
    return problems + crashlib.converged(world, crashlib.wanted(world)), fits(scene, run)


class Results:
    def __init__(self):
        self.lock, self.problems, self.fitted, self.done = threading.Lock(), [], 0, 0

    def note(self, name, problems, fitted):
        with self.lock:
            self.done += 1
            self.fitted += fitted
            if problems:
                self.problems.append(f"{name}:\n  " + "\n  ".join(problems))

    def tell(self, title, started):
        tap.ok(not self.problems, title, *self.problems[:5])
        tap.ok(self.done - self.fitted > 2, f"{title.split(':')[0]}: the disk was full for {self.done - self.fitted} of {self.done}")
        tap.note(f"{len(self.problems)} of {self.done} bad; {time.monotonic() - started:.0f} s")


def writes_fail(scene, worlds):
    """Every write to the store from the n-th on."""
    started, results = time.monotonic(), Results()
    for world in worlds:
        world.begin(scene)
    first = worlds[0]
    problems = crashlib.learn(first)
    tap.ok(not problems, f"{scene.title}: with room on the disk all is well", *problems)
    report = os.path.join(first.kept, "report")
    preload = {"LD_PRELOAD": os.path.abspath(MODULE), "ZYNC_FAIL_ON": "1"}
    first.load("ready")
    if scene.faults:
        first.sim.fault(*scene.faults)
    first.zync(*scene.command, env={**scene.env, **preload, "ZYNC_FAIL_REPORT": report})
    with open(report, encoding="utf-8") as f:
        count = int(f.read().split()[3])
    numbers = list(range(1, count + 1)) if count <= ARGS.points else sorted({1 + i * (count - 1) // (ARGS.points - 1) for i in range(ARGS.points)})
    free = list(worlds)

    def cell(n):
        with results.lock:
            world = free.pop()
        try:
            problems, fitted = full(world, {**preload, "ZYNC_FAIL_DISK": str(n)})
            results.note(f"from write {n} on", problems, fitted)
        finally:
            with results.lock:
                free.append(world)
    with ThreadPoolExecutor(len(worlds)) as pool:
        for future in [pool.submit(cell, n) for n in numbers]:
            future.result()
    results.tell(f"{scene.title}: writes to the disk fail from each of {len(numbers)} of {count} on, the error names the disk and the next run converges", started)


def fill_up(folder, left):
    """A file that leaves so many bytes of the file system."""
    free = os.statvfs(folder)
    size = free.f_bavail * free.f_frsize - left
    with open(os.path.join(folder, "filler"), "wb") as f:
        os.posix_fallocate(f.fileno(), 0, max(size, 1))


def small_disk(scene, world):
    """The store on a file system of its own with ever more room, until the run fits."""
    started, results = time.monotonic(), Results()
    world.begin(scene)
    crashlib.learn(world)
    folder = world.work.folder
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0700", "tmpfs", folder], check=True)
    step = BLOCK if ARGS.points >= 100 else 3 * BLOCK
    left, good = 0, 0
    try:
        while good < 3 and left <= MAX_KB * 1024:
            problems, fitted = full(world, {"SQLITE_TMPDIR": folder}, lambda left=left: fill_up(folder, left))
            results.note(f"{left // 1024} kB left", problems, fitted)
            good = good + 1 if fitted else 0
            left += step
    finally:
        subprocess.run(["umount", folder], check=True)
    results.tell(f"{scene.title}: {results.done} runs on a small disk with 0, {step // 1024} … kB left, the error names the disk and the next run converges", started)
    tap.ok(good >= 3 and left > step * 4, f"{scene.title}: with {left // 1024} kB left the run fits")


def own_namespace():
    """Go on in a mount namespace of our own, so that nothing that is mounted can stay behind; False: not allowed here."""
    if os.environ.get(ALONE):
        return True
    for words in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        if subprocess.run([*words, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            os.environ[ALONE] = "1"
            os.execvp(words[0], [*words, sys.executable, *sys.argv])
    return False


def main():
    mounts = own_namespace()
    worlds = [World(ARGS.zync) for _ in range(ARGS.workers)]
    try:
        for scene in disk_scenes():
            writes_fail(scene, worlds)
            if mounts:
                small_disk(scene, worlds[0])
            else:
                tap.skip(f"{scene.title}: a small disk", "nobody may mount here")
    finally:
        for world in worlds:
            world.close()
    return tap.done()


sys.exit(main())
