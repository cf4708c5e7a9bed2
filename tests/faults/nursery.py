"""Loads the site once and forks real processes from it: a worker is there in a blink.

Starting Python, Django and Celery takes seconds; a test that kills a worker every second cannot
wait for that. What is forked is a process like any other: its own connections, its own fate.

Orders come as lines of JSON on the standard input, answers leave on the standard output:
{"id": 1, "celery": ["worker", …] | "job": "name", "arguments": {…}, "env": {…}, "log": "…",
 "without": […], "faults": {…}} gives {"id": 1, "pid": 99}, and later {"exit": 99, "code": 0}.
"""

import faulthandler
import json
import os
import select
import signal
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

from cop.celery import app
from cop.local.system import die_with_parent


def main() -> None:
    import django

    # Tests may run as root, in a container.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser")
    django.setup()
    app.loader.import_default_modules()
    app.finalize()
    # All that a worker will need is loaded now, and no connection is open yet.

    import tests.faults.jobs  # noqa: F401

    _tell({"ready": True})
    buffer, children = b"", set()
    while True:
        readable, _w, _x = select.select([0], [], [], 0.02)
        if readable:
            data = os.read(0, 65536)
            if not data:
                break
            *lines, buffer = (buffer + data).split(b"\n")
            for line in lines:
                order = json.loads(line)
                pid = _fork(order)
                children.add(pid)
                _tell({"id": order["id"], "pid": pid})
        for pid, code in _ended(children):
            _tell({"exit": pid, "code": code})
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _ended(children: set[int]) -> list[tuple[int, int]]:
    found = []
    for pid in list(children):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            children.discard(pid)
            found.append((pid, os.waitstatus_to_exitcode(status)))
    return found


def _tell(message: dict[str, Any]) -> None:
    os.write(1, json.dumps(message).encode() + b"\n")


def _fork(order: dict[str, Any]) -> int:
    with_parent = die_with_parent(signal.SIGKILL)
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        if with_parent is not None:
            with_parent()
        code = _become(order)
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(bool(left.code))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _become(order: dict[str, Any]) -> int:
    from tests.faults import jobs, protections

    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    # `kill -USR2` writes into the log where a process stands.
    faulthandler.register(signal.SIGUSR2)
    os.environ.update(order.get("env", {}))
    protections.apply(without=order.get("without", []), faults=order.get("faults", {}))
    if "celery" in order:
        return app.start(order["celery"]) or 0
    result = jobs.JOBS[order["job"]](**order.get("arguments", {}))
    Path(order["result"]).write_text(json.dumps(result, default=str))
    return 0


if __name__ == "__main__":
    main()
