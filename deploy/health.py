"""Health of one container: `python deploy/health.py web|worker|beat`. Standard library only.

web     answers /healthz
worker  has lately shown a sign of life: the file PULSE_FILE is young (cop/core/pulse.py)
beat    has lately written its schedule file

A worker that stands still is started anew by its watchdog (cop/watchdog.py), which also keeps the
file young while the broker is away. What stands still all the same, watchdog or clock, Compose
marks but does not start again, so with `--restart-after N` the N-th failure in a row ends the main
process; the restart policy does the rest.
"""

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

# The watchdog acts after 90 s; later than this it is not at work itself.
PULSE_LIMIT_S = 120
# Beat writes its schedule to disk every three minutes.
SCHEDULE_LIMIT_S = 420
FAILURES = Path(tempfile.gettempdir()) / "health-failures"
# Its number, written by deploy/entrypoint.
MAIN_PROCESS = Path(tempfile.gettempdir()) / "main.pid"


class Unhealthy(Exception):
    pass


class Elsewhere(Unhealthy):
    """The trouble is another service's: to start this one again would not help."""


def fetch_report() -> dict[str, object]:
    url = os.environ.get("HEALTH_URL", "http://127.0.0.1:8000/healthz")
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  our own address
            return json.load(answer)
    except (OSError, ValueError) as error:
        raise Elsewhere(f"{url} does not answer: {error}") from error


def check_web() -> None:
    fetch_report()


def check_worker() -> None:
    pulse = Path(os.environ.get("PULSE_FILE", "/tmp/pulse"))  # noqa: S108  of this container
    if not pulse.exists():
        raise Unhealthy(f"no sign of life: {pulse} is not there")
    age = time.time() - pulse.stat().st_mtime
    if age > PULSE_LIMIT_S:
        raise Unhealthy(f"the last sign of life came {age:.0f} s ago")


def check_beat(schedule: Path) -> None:
    # The database library adds an ending of its own to the name.
    written = [path.stat().st_mtime for path in schedule.parent.glob(f"{schedule.name}*")]
    if not written:
        raise Unhealthy(f"no schedule file {schedule}")
    age = time.time() - max(written)
    if age > SCHEDULE_LIMIT_S:
        raise Unhealthy(f"the schedule was written {age:.0f} s ago")


def end_main_process() -> None:
    """Kill what deploy/entrypoint started, also where it is frozen; the container starts anew."""
    with contextlib.suppress(OSError, ValueError):
        os.kill(int(MAIN_PROCESS.read_text()), signal.SIGKILL)


def count_failure() -> int:
    failures = int(FAILURES.read_text()) + 1 if FAILURES.exists() else 1
    FAILURES.write_text(str(failures))
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["web", "worker", "beat"])
    parser.add_argument("--schedule", type=Path, default=Path("/var/lib/cop/beat/schedule"))
    parser.add_argument("--restart-after", type=int, default=0)
    options = parser.parse_args()
    try:
        if options.part == "beat":
            check_beat(options.schedule)
        else:
            {"web": check_web, "worker": check_worker}[options.part]()
    except Unhealthy as error:
        print(error, file=sys.stderr)
        if not isinstance(error, Elsewhere) and 0 < options.restart_after <= count_failure():
            FAILURES.unlink(missing_ok=True)
            end_main_process()
        return 1
    FAILURES.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
