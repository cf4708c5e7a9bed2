"""The commands of docker-compose.yml, word for word, as processes on this computer."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cop.local.processes import Child
from cop.local.valkey import Valkey
from tests.deploy.conftest import Site
from tests.deploy.files import ROOT, environment_of, services
from tests.processes import children_of

pytestmark = pytest.mark.faults
SERVICES = services()
BEAT_FOLDER = "/var/lib/cop/beat"


class Container:
    """One service with its own folder for what it writes, started through the entrypoint."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        # What the service is given in docker-compose.yml, then what is different on this computer.
        here = {"TMPDIR": str(self.folder), "PULSE_FILE": str(self.folder / "pulse")}
        self.environment = environment_of(name) | environment | here
        self.log = self.folder / "log"
        self.process = subprocess.Popen(
            [ROOT / "deploy" / "entrypoint", *self.here(SERVICES[name]["command"])],
            cwd=ROOT,
            env=self.environment,
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def here(self, command: list[str]) -> list[str]:
        return [word.replace(BEAT_FOLDER, str(self.folder)) for word in command]

    @property
    def is_healthy(self) -> bool:
        """Its own health check, word for word."""
        command = self.here(SERVICES[self.name]["healthcheck"]["test"][1:])
        checked = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True)
        return checked.returncode == 0

    def freeze(self, *, seconds: float) -> None:
        """Watchdog and worker stand still, and have done so for so many seconds."""
        for number in [self.process.pid, *children_of(self.process.pid)]:
            os.kill(number, signal.SIGSTOP)
        then = time.time() - seconds
        os.utime(self.folder / "pulse", (then, then))

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(fact: Callable[[], bool], *, seconds: float, what: Container) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        log = what.log.read_text(errors="replace")[-3000:]
        assert what.process.poll() is None, f"{what.name} ended\n{log}"
        assert time.monotonic() < deadline, f"{what.name} is not healthy in {seconds} s\n{log}"
        time.sleep(0.3)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """Not the one of the test run: a worker here would take the tasks of other tests."""
    folder = tmp_path_factory.mktemp("valkey")
    valkey = Valkey(folder / "data", folder, folder / "log", throw_away=True)
    valkey.prepare()
    child = Child(valkey.program)
    deadline = time.monotonic() + 10
    while not child.is_ready:
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)
    yield valkey
    child.kill()


@pytest.fixture(scope="module")
def stack(
    site: Site, broker: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Container]]:
    folder = tmp_path_factory.mktemp("stack")
    port = free_port()
    environment = site.environment(site.web) | {
        "REDIS_URL": broker.url,
        "MEDIA_ROOT": str(folder),
        "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port}",
        "HEALTH_URL": f"http://127.0.0.1:{port}/healthz",
    }
    names = ["web", "worker", "mail", "beat"]
    containers = {name: Container(name, folder, environment) for name in names}
    yield containers
    for container in containers.values():
        container.kill()


def test_site_runs_with_the_commands_of_compose(stack: dict[str, Container]) -> None:
    web, worker, mail, beat = (stack[name] for name in ("web", "worker", "mail", "beat"))

    wait_until(lambda: web.is_healthy, seconds=60, what=web)
    wait_until(lambda: beat.is_healthy, seconds=60, what=beat)
    wait_until(lambda: worker.is_healthy, seconds=90, what=worker)
    wait_until(lambda: mail.is_healthy, seconds=90, what=mail)
    with urllib.request.urlopen(web.environment["HEALTH_URL"], timeout=5) as answer:
        assert answer.status == 200

    # A worker is started anew by its watchdog. Where both stand still, the third failed check in
    # a row ends them, and the restart policy starts them again.
    worker.freeze(seconds=100)
    assert worker.is_healthy
    worker.freeze(seconds=130)
    assert [worker.is_healthy for _ in range(3)] == [False, False, False]
    assert worker.process.wait(10) == -signal.SIGKILL

    # Asked to stop, the others end by themselves.
    assert web.stop() == 0
    assert mail.stop() == 0
    assert beat.stop() == 0
