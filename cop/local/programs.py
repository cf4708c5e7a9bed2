"""The processes that are ours: mailbox, web, two workers, beat, and the one that migrates."""

import contextlib
import http.client
import json
import socket
import sys
from collections.abc import Mapping
from typing import Any

from cop.local.places import ROOT, Places
from cop.local.processes import Program

# Longer than a web request may take: a slice of mail, a draft of a newsletter.
BACKGROUND = {"STATEMENT_TIMEOUT_MS": "60000"}
# A migration may take as long as it takes.
UNHURRIED = {"STATEMENT_TIMEOUT_MS": "0"}
STOP_SECONDS = 12
PLAIN = {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}


def mailbox(places: Places, port: int) -> Program:
    command = ["cop.local.mailbox", "--port", str(port), "--folder", str(places.mail)]

    def is_ready(pid: int) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    return Program(
        name="mailbox",
        command=_python(*command),
        log=places.log / "mailbox.log",
        cwd=ROOT,
        env=PLAIN,
        is_ready=is_ready,
    )


def prepare(places: Places, environment: Mapping[str, str]) -> Program:
    return Program(
        name="prepare",
        command=_python("cop.local.prepare"),
        log=places.log / "prepare.log",
        cwd=ROOT,
        env={**PLAIN, **environment, **UNHURRIED},
    )


def web(places: Places, environment: Mapping[str, str], port: int) -> Program:
    server = ["gunicorn", "cop.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    server += ["--workers", "2", "--threads", "4", "--preload", "--no-control-socket"]
    server += ["--timeout", "60", "--graceful-timeout", "5"]
    return Program(
        name="web",
        command=_python(*server),
        log=places.log / "web.log",
        cwd=ROOT,
        env={**PLAIN, **environment},
        is_ready=lambda pid: health(port) is not None,
        stop_seconds=8,
    )


def mail(places: Places, environment: Mapping[str, str]) -> Program:
    """Sends mail and nothing else. Without children (solo), so that a SIGTERM ends a slice."""
    return _worker("mail", ["-Q", "mail", "-P", "solo"], places, environment)


def worker(places: Places, environment: Mapping[str, str]) -> Program:
    """All other work that nobody waits for."""
    return _worker("worker", ["-Q", "celery", "-c", "1"], places, environment)


def beat(places: Places, environment: Mapping[str, str]) -> Program:
    schedule = str(places.run / "beat-schedule")
    celery = ["celery", "-A", "cop.celery", "beat", "-s", schedule, "-l", "INFO"]
    return _celery("beat", celery, places, environment)


def health(port: int) -> dict[str, Any] | None:
    """What /healthz says, or None while it does not answer 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        answer = connection.getresponse()
        return json.loads(answer.read()) if answer.status == 200 else None
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _worker(
    name: str, arguments: list[str], places: Places, environment: Mapping[str, str]
) -> Program:
    celery = ["celery", "-A", "cop.celery", "worker", "-n", f"{name}@%h", *arguments]
    celery += ["--without-gossip", "--without-mingle", "-l", "INFO"]
    # A little less than we wait for the watchdog, which ends first what will not end by itself.
    watchdog = ["cop.watchdog", "--grace", str(STOP_SECONDS - 2), "--", *_python(*celery)]
    pulse = {"PULSE_FILE": str(places.run / f"{name}.pulse")}
    return _celery(name, watchdog, places, {**environment, **pulse})


def _celery(
    name: str, arguments: list[str], places: Places, environment: Mapping[str, str]
) -> Program:
    return Program(
        name=name,
        command=_python(*arguments),
        log=places.log / f"{name}.log",
        cwd=ROOT,
        env={**PLAIN, **environment, **BACKGROUND},
        stop_seconds=STOP_SECONDS,
    )


def _python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]
