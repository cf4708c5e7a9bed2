"""The whole of `make run`, in a folder of its own, killed in the middle of its work."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from cop.local.environment import SERVICES
from cop.local.lock import is_running, stop_running
from cop.local.places import ROOT, Places
from cop.local.programs import health
from cop.local.system import free_port, identity

pytestmark = pytest.mark.faults


@pytest.fixture
def places(tmp_path):
    places = Places(tmp_path / "var")
    yield places
    stop_running(places)


def serve(places, port):
    """Returns the supervisor and how long it took until the site answered."""
    own = {name: value for name, value in os.environ.items() if name not in SERVICES}
    command = [sys.executable, "-m", "cop.local", "serve", "--port", str(port)]
    began = time.monotonic()
    supervisor = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**own, "VAR_DIR": str(places.var)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    said = []
    for line in supervisor.stdout:
        said.append(line)
        if "Start over" in line:
            return supervisor, time.monotonic() - began
    raise AssertionError("".join(said))


def pids(places):
    return {row["name"]: row["pid"] for row in json.loads(places.children.read_text())}


def test_stack_loses_nothing_when_everything_is_killed(places):
    port = free_port()
    supervisor, _ = serve(places, port)
    people = count_people(places)
    before = pids(places)
    supervisor.kill()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    supervisor.wait()
    again, seconds = serve(places, port)

    assert health(port)["ok"]
    assert count_people(places) == people > 0
    assert seconds <= 10
    again.send_signal(signal.SIGTERM)
    assert again.wait(timeout=60) == 0
    assert not is_running(places)
    assert not places.environment.exists()


def test_stack_starts_after_only_the_supervisor_was_killed(places):
    port = free_port()
    supervisor, _ = serve(places, port)
    before = pids(places)
    supervisor.kill()
    supervisor.wait()
    serve(places, port)

    assert health(port)["ok"]
    assert not [name for name, pid in before.items() if identity(pid)]


def count_people(places):
    command = "from members.models import User; print(User.objects.count())"
    own = {name: value for name, value in os.environ.items() if name not in SERVICES}
    local = dict(
        line.replace("'", "").split("=", 1) for line in places.environment.read_text().splitlines()
    )
    asked = [sys.executable, "manage.py", "shell", "-v", "0", "-c", command]
    done = subprocess.run(
        asked, cwd=ROOT, env={**own, **local}, capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-1])
