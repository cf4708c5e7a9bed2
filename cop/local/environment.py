"""The environment of every process of the local stack: the addresses of its services."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cop.local.places import Places
from cop.local.processes import write_atomically

POSTAL_ADDRESS = "Demo Host Society, 100 Example Street, Victoria BC  V8V 0A0, Canada"
# Set by whoever brings a service of their own; the embedded one then stays out.
SERVICES = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")


def local_environment(places: Places, *, port: int, services: Mapping[str, str]) -> dict[str, str]:
    own = {name: os.environ[name] for name in SERVICES if os.environ.get(name)}
    return {
        **services,
        **own,
        "VAR_DIR": str(places.var),
        "SITE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "LOCAL_MODE": "1",
        "SECRET_KEY": secret(places.run / "secret"),
        "DEFAULT_FROM_EMAIL": os.environ.get("DEFAULT_FROM_EMAIL") or "demo@cop.example",
        "POSTAL_ADDRESS": os.environ.get("POSTAL_ADDRESS") or POSTAL_ADDRESS,
    }


def secret(file: Path) -> str:
    """Made once, so that a restart signs nobody out."""
    if not file.exists():
        write_atomically(file, secrets.token_urlsafe(48))
    return file.read_text().strip()


def write_environment(path: Path, environment: Mapping[str, str]) -> None:
    """For `./manage.py` in another window: settings.py reads it when nothing else is set."""
    lines = [f"{name}='{value}'" for name, value in environment.items() if name != "VAR_DIR"]
    write_atomically(path, "\n".join(lines) + "\n", mode=0o600)
