#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Zync is killed at every commit and at every call that writes to Zabbix, in turn; afterwards nothing is lost, double, half-recorded or untold.

Each cell is a world of its own (crashlib.py), a scene says what was under way and what happens before the next run (scenes.py). What must hold in the end is in
crashlib.converged() and crashlib.audited(). Some cells kill the next run as well, at each of its points.

usage: torture_crash.py [--zync PROGRAM] [--build FOLDER] [--every N] [--workers N] [--only TEXT]     --every 5: each fifth point
"""
import os
import queue
import sys
import threading
import time

import crashlib
from crashlib import World
from scenes import SCENES

from e2elib import Tap, arguments  # noqa: E402

ARGS = arguments(build="build/release", every=1, workers=3, only="")
MODULE = os.path.join(ARGS.build, "tests/torture/torture-kill.so")
tap = Tap()


# Runs after a kill that are killed themselves: at these points of the first run, at each of the second.
AGAIN = {"one of everything": 6, "one of everything, deleted for good": 2, "first sync": 3, "two servers": 2, "--strict with a bad host": 3, "a secret there and back": 2,
         "a merged tag taken back": 2, "created, then gone from NetBox": 2}
PARTS = 4  # of such a sweep, so that several workers share it


class Cells:
    """Cells on a few threads, each with a world of its own."""

    def __init__(self, worlds):
        self.worlds, self.lock = worlds, threading.Lock()
        self.problems, self.killed, self.kinds = [], 0, set()

    def note(self, name, problems, kills=1):
        with self.lock:
            self.killed += kills
            if problems:
                self.problems.append(f"{name}:\n  " + "\n  ".join(problems))

    def run(self, scene, cells):
        waiting = queue.Queue()
        for cell in cells:
            waiting.put(cell)

        def work(world):
            if world.scene is not scene:
                world.begin(scene)
            while True:
                try:
                    function, *args = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    function(self, world, *args)
                except Exception as error:  # pylint: disable=broad-except
                    self.note(f"{function.__name__} {args}", [f"{type(error).__name__}: {error}"])
        threads = [threading.Thread(target=work, args=(world,)) for world in self.worlds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def one_kill(cells, world, at):
    problems, job = crashlib.kill_once(world, at)
    problems += crashlib.next_command(world) if at % 2 else []
    cells.note(f"killed {world.scene.points[at - 1]} ({at})", problems + crashlib.finish(world, job))


def second_kills(cells, world, at, part):
    """Kill the next run at each of its points, or at each of this part of them."""
    scene = world.scene
    problems, job = crashlib.kill_once(world, at)
    world.save("died")
    env = scene.env_after or scene.env
    _, points = world.killed_run(scene.again[0], None, env)
    if problems:
        cells.note(f"killed {scene.points[at - 1]} ({at})", problems, kills=0)
    step = max(1, ARGS.every // 2)
    for second in range(1 + part * step, len(points) + 1, PARTS * step):
        world.load("died")
        run, _ = world.killed_run(scene.again[0], second, env)
        if run.code in scene.again_codes or crashlib.needs_another(run):
            continue  # it had less to wait for than the one whose points were counted, and ended before
        problems = [] if run.code == -9 else [f"it was not killed: {run}"]
        problems += crashlib.next_command(world) if second // (PARTS * step) % 2 else []
        cells.note(f"killed {scene.points[at - 1]} ({at}), and then {points[second - 1]} ({second})", problems + crashlib.finish(world, job))


def chosen(scene, count):
    """So many of the points at which the killed run has written something: after calls first, spread over the run."""
    calls = [n for n, point in enumerate(scene.points, 1) if point.startswith("after call")]
    others = [n for n, point in enumerate(scene.points, 1) if calls and calls[0] < n and point.startswith("after commit")]
    half = (count + 1) // 2
    return sorted(spread(calls, half) + spread(others, count - half))


def spread(numbers, count):
    if count <= 0 or not numbers:
        return []
    return [numbers[i * len(numbers) // count] for i in range(min(count, len(numbers)))]


def run_scene(scene, worlds, offset):
    started = time.monotonic()
    worlds[0].begin(scene)
    problems = crashlib.learn(worlds[0])
    tap.ok(not problems, f"{scene.title}: without a kill all is well", *problems)
    cells = Cells(worlds)
    points = [n for n, point in enumerate(scene.points, 1) if point.startswith(scene.only)]
    points = points if scene.only else points[offset % ARGS.every::ARGS.every]
    cells.run(scene, [(one_kill, at) for at in points])
    tap.ok(not cells.problems, f"{scene.title}: killed at {len(points)} of {len(scene.points)} points{' (' + scene.only + ')' if scene.only else ''}, the next run converges each time", *cells.problems[:6])
    if cells.problems:
        tap.note(f"{len(cells.problems)} of {cells.killed} were bad")
    twice = Cells(worlds)
    firsts = chosen(scene, -(-AGAIN.get(scene.title, 0) // ARGS.every))
    twice.run(scene, [(second_kills, at, part) for at in firsts for part in range(PARTS)])
    if firsts:
        tap.ok(not twice.problems, f"{scene.title}: the next run killed as well, {twice.killed} times after kills at {len(firsts)} points", *twice.problems[:6])
    tap.note(f"{time.monotonic() - started:.0f} s; {sum('commit' in p for p in scene.points)} points at commits, {sum('call' in p for p in scene.points)} at calls")
    return cells.killed + twice.killed


def main():
    worlds = [World(ARGS.zync, MODULE) for _ in range(ARGS.workers)]
    started, kills, seen = time.monotonic(), 0, set()
    scenes = [scene for scene in SCENES if ARGS.only in scene.title]
    try:
        for number, scene in enumerate(scenes):
            kills += run_scene(scene, worlds, number)
            seen.update(point.split(" ", 1)[1] for point in scene.points)
    finally:
        for world in worlds:
            world.close()
    if not ARGS.only:
        calls = {"call " + method for method in ("host.create", "host.update", "host.delete", "hostgroup.create")}
        tap.ok(calls <= seen and any("intent" in point for point in seen), "creations, updates, deletions, new groups and the intent journal were among the points", sorted(seen))
    points = sum(len(scene.points) for scene in scenes)
    tap.note(f"{kills} kills at {points} kill points of {len(scenes)} runs, and in the runs after them; {time.monotonic() - started:.0f} s")
    return tap.done()


sys.exit(main())
