"""Reads docker-compose.yml as Compose does: merged, with the variables of an .env filled in."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"[A-Z][A-Z0-9_]*")

# A server's .env with nothing but what is needed.
NEEDED = {
    "SECRET_KEY": "k" * 60,
    "SITE_URL": "https://communities.example.org",
    "ALLOWED_HOSTS": "communities.example.org",
    "EMAIL_URL": "smtp://mailbox:1025",
    "DEFAULT_FROM_EMAIL": "Communities <hello@communities.example.org>",
    "POSTAL_ADDRESS": "1 Example Street, Victoria BC",
    "DB_ADMIN_PASSWORD": "admin-password",
    "DB_OWNER_PASSWORD": "owner-password",
    "DB_WEB_PASSWORD": "web-password",
}


class MissingVariable(Exception):
    pass


def _closing_brace(text: str, start: int) -> int:
    depth = 0
    for position in range(start, len(text)):
        if text.startswith("${", position):
            depth += 1
        elif text[position] == "}":
            depth -= 1
            if not depth:
                return position
    raise ValueError(f"unclosed variable in {text!r}")


def fill_in(text: str, values: dict[str, str]) -> str:
    """`${NAME}`, `${NAME:-default}` and `${NAME:?message}`, one inside the other."""
    start = text.find("${")
    if start < 0:
        return text
    end = _closing_brace(text, start)
    inside = text[start + 2 : end]
    name = NAME.match(inside)
    assert name, f"no variable name in {text!r}"
    rest = inside[name.end() :]
    value = values.get(name[0], "")
    if not value and rest.startswith(":?"):
        raise MissingVariable(f"{name[0]}: {rest[2:]}")
    if not value and rest.startswith(":-"):
        value = fill_in(rest[2:], values)
    return text[:start] + value + fill_in(text[end + 1 :], values)


def _walk(node: Any, values: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _walk(item, values) for key, item in node.items()}
    if isinstance(node, list):
        return [_walk(item, values) for item in node]
    return fill_in(node, values) if isinstance(node, str) else node


def raw_compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def services(values: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    return _walk(raw_compose()["services"], NEEDED if values is None else values)


def environment_of(name: str, values: dict[str, str] | None = None) -> dict[str, str]:
    """What a service gets. A name without a value is taken from .env, or left out."""
    values = NEEDED if values is None else values
    found = services(values)[name].get("environment", {})
    filled = {key: values.get(key) if value is None else value for key, value in found.items()}
    return {key: value for key, value in filled.items() if value is not None}


SERVICES_BY_NAME = services()


def compose_variables() -> set[str]:
    """Every variable that docker-compose.yml asks for."""
    return set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)", (ROOT / "docker-compose.yml").read_text()))
