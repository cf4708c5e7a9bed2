"""`.env.example` names exactly what the site and docker-compose.yml read, no more and no less."""

import ast
import re

import pytest

from tests.deploy.files import NEEDED, ROOT, compose_variables, environment_of, raw_compose

LINE = re.compile(r"^(#?)([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)
EXAMPLE = (ROOT / ".env.example").read_text()
# Set in the image or meant for `make run` alone, so docker-compose.yml does not hand them on.
NOT_HANDED_ON = {
    "DEBUG",
    "LOCAL_MODE",
    "MEDIA_ROOT",
    "STATICFILES_STORAGE",
    "STATIC_ROOT",
    "VAR_DIR",
}


def settings_variables() -> set[str]:
    """The first argument of every env(...) and env.kind(...) in the settings."""
    tree = ast.parse((ROOT / "cop" / "settings.py").read_text())
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        reader = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        name = node.args[0]
        is_env = isinstance(reader, ast.Name) and reader.id == "env"
        if is_env and isinstance(name, ast.Constant) and isinstance(name.value, str):
            found.add(name.value)
    return found


def example_names() -> list[str]:
    return [name for _, name, _ in LINE.findall(EXAMPLE)]


def test_settings_variables_are_found() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "TRUSTED_PROXIES", "LOG_LEVEL"} <= settings_variables()


def test_every_variable_is_in_the_example() -> None:
    assert settings_variables() | compose_variables() <= set(example_names())


def test_example_has_no_variable_that_nothing_reads() -> None:
    assert set(example_names()) <= settings_variables() | compose_variables()


def test_example_names_each_variable_once() -> None:
    assert sorted(example_names()) == sorted(set(example_names()))


def test_what_is_needed_is_left_open_and_the_rest_is_a_comment() -> None:
    open_lines = {name for mark, name, _ in LINE.findall(EXAMPLE) if not mark}
    assert open_lines == set(NEEDED)


def test_example_holds_no_secret() -> None:
    values = {name: value for _, name, value in LINE.findall(EXAMPLE)}
    secret = [name for name in values if name.endswith("_PASSWORD") or name == "SECRET_KEY"]
    assert len(secret) == 4
    assert not any(values[name] for name in secret)


def test_compose_hands_every_setting_on() -> None:
    names = set(raw_compose()["services"]["web"]["environment"])
    assert settings_variables() - NOT_HANDED_ON == names


def test_compose_leaves_out_what_is_not_set() -> None:
    assert "SITE_NAME" not in environment_of("web")
    assert environment_of("web", NEEDED | {"SITE_NAME": "Ours"})["SITE_NAME"] == "Ours"


@pytest.mark.parametrize("name", sorted(set(example_names())))
def test_operating_guide_explains_the_variable(name: str) -> None:
    guide = (ROOT / "docs" / "OPERATING.md").read_text()
    assert f"`{name}`" in guide
