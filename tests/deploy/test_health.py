"""deploy/health.py as the containers run it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy import health
from tests.deploy.files import ROOT


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = self.server.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Site)
    server.answer = (200, b'{"ok": true, "last_tick_s": 3.2}')
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    monkeypatch.setenv("HEALTH_URL", f"http://127.0.0.1:{server.server_port}/healthz")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def pulse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sign of life of a worker."""
    (tmp_path / "pulse").touch()
    monkeypatch.setenv("PULSE_FILE", str(tmp_path / "pulse"))
    return tmp_path / "pulse"


def grow_old(path: Path, seconds: float) -> None:
    long_ago = time.time() - seconds
    os.utime(path, (long_ago, long_ago))


@pytest.fixture
def main_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen]:
    """A process that deploy/health.py takes for the one of its container."""
    process = subprocess.Popen(["sleep", "60"])
    (tmp_path / "main.pid").write_text(f"{process.pid}\n")
    monkeypatch.setattr(health, "MAIN_PROCESS", tmp_path / "main.pid")
    monkeypatch.setattr(health, "FAILURES", tmp_path / "failures")
    yield process
    process.kill()
    process.wait()


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["health.py", *arguments])
    return health.main()


def test_web_is_healthy_when_the_site_answers(site: HTTPServer) -> None:
    health.check_web()


@pytest.mark.parametrize("answer", [(503, b'{"ok": false}'), (200, b"<h1>Hello</h1>")])
def test_web_is_unhealthy_when_the_site_is(site: HTTPServer, answer: tuple[int, bytes]) -> None:
    site.answer = answer
    with pytest.raises(health.Unhealthy):
        health.check_web()


def test_worker_is_healthy_while_it_shows_life(pulse: Path) -> None:
    health.check_worker()
    grow_old(pulse, health.PULSE_LIMIT_S - 10)
    health.check_worker()


def test_worker_is_unhealthy_without_a_young_sign_of_life(pulse: Path) -> None:
    grow_old(pulse, health.PULSE_LIMIT_S + 10)
    with pytest.raises(health.Unhealthy, match="last sign of life"):
        health.check_worker()
    pulse.unlink()
    with pytest.raises(health.Unhealthy, match="no sign of life"):
        health.check_worker()


def test_worker_is_started_again_after_three_failures_in_a_row(
    pulse: Path, main_process: subprocess.Popen, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["worker", "--restart-after", "3"]
    grow_old(pulse, 1000)
    assert [run(monkeypatch, *arguments) for _ in range(2)] == [1, 1]
    pulse.touch()
    assert run(monkeypatch, *arguments) == 0

    grow_old(pulse, 1000)
    assert [run(monkeypatch, *arguments) for _ in range(2)] == [1, 1]
    assert main_process.poll() is None
    assert run(monkeypatch, *arguments) == 1

    assert main_process.wait(5) == -9


def test_web_is_left_alone_when_the_database_is_down(
    site: HTTPServer, main_process: subprocess.Popen, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.answer = (503, b'{"ok": false, "attention": ["database"]}')
    assert run(monkeypatch, "web", "--restart-after", "1") == 1

    time.sleep(0.1)
    assert main_process.poll() is None


def test_beat_is_healthy_while_it_writes_its_schedule(tmp_path: Path) -> None:
    schedule = tmp_path / "schedule"
    with pytest.raises(health.Unhealthy, match="no schedule"):
        health.check_beat(schedule)

    written = tmp_path / "schedule.db"
    written.write_text("")
    health.check_beat(schedule)

    grow_old(written, health.SCHEDULE_LIMIT_S + 10)
    with pytest.raises(health.Unhealthy, match="was written"):
        health.check_beat(schedule)


def test_check_needs_nothing_but_python(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", str(ROOT / "deploy" / "health.py"), "beat"]
    command += ["--schedule", str(tmp_path / "schedule")]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stderr.startswith("no schedule file")
