import sys
import time

import pytest

from cop.local.lock import AlreadyRunning, is_running, only_one
from cop.local.places import Places
from cop.local.processes import Child, Program, stop_together
from cop.local.restarts import HEALTHY_AFTER, Restarts
from cop.local.screen import Step
from cop.local.supervisor import Supervisor
from cop.local.system import LocalError


@pytest.fixture
def places(tmp_path):
    places = Places(tmp_path / "var")
    places.make()
    return places


@pytest.fixture
def supervisor(places):
    supervisor = Supervisor(places, 8000)
    yield supervisor
    stop_together(supervisor.children.values())


def program(places, code, **more):
    return Program("web", [sys.executable, "-c", code], places.log / "web.log", **more)


SLEEP = "import time; time.sleep(60)"


def test_launch_waits_until_it_is_ready(supervisor, places):
    flag = places.run / "ready"
    code = f"import pathlib; pathlib.Path({str(flag)!r}).touch(); {SLEEP}"
    supervisor._launch([program(places, code, is_ready=lambda pid: flag.exists())], step())

    assert flag.exists()
    assert supervisor.children["web"].is_running


def test_launch_shows_the_last_lines_of_what_ended(supervisor, places):
    code = "print('no such table'); raise SystemExit(3)"

    with pytest.raises(LocalError, match=r"(?s)web ended \(3\)\. Log: .*web\.log.*no such table"):
        supervisor._launch([program(places, code, is_ready=lambda pid: False)], step())


def test_revive_starts_again_what_crashed(supervisor, places, capsys):
    supervisor._launch([program(places, SLEEP)], step())
    first = supervisor.children["web"]
    first.kill()
    deadline = time.monotonic() + 10
    while supervisor.children["web"] is first and time.monotonic() < deadline:
        supervisor._revive("web", first)
        time.sleep(0.02)

    assert supervisor.children["web"].is_running
    assert capsys.readouterr().out.count("web ended (-9); starting it again") == 1


def test_stop_together_kills_what_does_not_listen(places):
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); " + SLEEP
    child = Child(program(places, deaf, stop_seconds=0.3))
    while not (places.log / "web.log").read_text():
        time.sleep(0.02)
    stop_together([child])

    assert child.popen.returncode == -9


def test_restarts_wait_longer_each_time_until_it_was_healthy(places):
    restarts = Restarts()
    waits = []
    for _ in range(3):
        child = Child(program(places, "pass"))
        child.popen.wait()
        restarts.ended(child)
        waits.append(round(restarts.records["web"].due - time.monotonic(), 1))
    healthy = Child(program(places, "pass"))
    healthy.popen.wait()
    healthy.started -= HEALTHY_AFTER + 1
    restarts.ended(healthy)

    assert waits == [0.5, 1.0, 2.0]
    assert restarts.records["web"].failures == 1


def test_only_one_says_where_the_other_one_is(places):
    with only_one(places, "http://localhost:8123"):
        assert is_running(places)
        with (
            pytest.raises(AlreadyRunning, match="already running: http://localhost:8123/start/"),
            only_one(places, "http://localhost:9000"),
        ):
            pass

    assert not is_running(places)


def step():
    return Step("Starting", sys.stdout)
