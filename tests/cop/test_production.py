"""With the settings of a server: no warning, and nothing of the local comforts."""

import os
import secrets
import subprocess
import sys

import pytest

from cop.settings import BASE_DIR

SERVER = {
    "SITE_URL": "https://cop.example",
    "ALLOWED_HOSTS": "cop.example",
    "DEFAULT_FROM_EMAIL": "Every Door <hello@cop.example>",
    "POSTAL_ADDRESS": "1 Example Street, Victoria BC",
    "TRUSTED_PROXIES": "1",
    "LOCAL_MODE": "0",
}


# The journeys of this run may have set it for Playwright; no server does.
NOT_HERE = {"DJANGO_ALLOW_ASYNC_UNSAFE"}


def check(**changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR,
        env={name: value for name, value in os.environ.items() if name not in NOT_HERE}
        | SERVER
        | {"SECRET_KEY": secrets.token_urlsafe(60)}
        | changes,
        capture_output=True,
        text=True,
    )


def test_production_settings_give_no_warning() -> None:
    ran = check()
    assert ran.returncode == 0, ran.stderr
    assert "no issues" in ran.stdout


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"LOCAL_MODE": "1"}, "cop.E010"),
        ({"SITE_URL": "http://cop.example"}, "cop.E011"),
        ({"POSTAL_ADDRESS": ""}, "cop.E005"),
        ({"DEFAULT_FROM_EMAIL": ""}, "cop.E004"),
        ({"SECRET_KEY": "short"}, "security.W009"),
    ],
)
def test_half_configured_servers_are_told_what_to_do(changes: dict[str, str], found: str) -> None:
    ran = check(**changes)
    assert ran.returncode != 0
    assert found in ran.stderr
