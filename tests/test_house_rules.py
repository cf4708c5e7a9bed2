"""The rules of the house that a machine can hold, and documents that must stay true."""

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from cop.celery import app as celery

ROOT = Path(__file__).resolve().parent.parent
LABELS = [
    "core",
    "outbox",
    "members",
    "surveys",
    "meetings",
    "library",
    "discussions",
    "newsletter",
    "cop",
]
FOLDERS = [label for label in LABELS if label != "core"]
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
MIGRATIONS = [path for path in SOURCES if path.parent.name == "migrations"]
MODULES = [path for path in SOURCES if path not in MIGRATIONS]
MODELS = [model for label in LABELS for model in apps.get_app_config(label).get_models()]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MAX_LINES = 300


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_is_short(path: Path) -> None:
    lines = len(read(path).splitlines())
    assert lines <= MAX_LINES, f"{lines} lines. Make it a package, one file a noun."


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_forms_never_save(path: Path) -> None:
    assert "form.save(" not in read(path), "Pass cleaned_data to an action."


@pytest.mark.parametrize("path", MIGRATIONS, ids=name_of)
def test_migration_has_a_human_name(path: Path) -> None:
    machine_made = re.search(r"_auto_\d|_and_more$|_initial$", path.stem)
    assert not machine_made, "Name it: makemigrations --name say_what_it_does"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_model_is_in_the_glossary(model: type[Model]) -> None:
    glossary = read(ROOT / "docs" / "GLOSSARY.md")
    assert f"**{model.__name__}**" in glossary, "Explain the word in docs/GLOSSARY.md."


def test_glossary_explains_nothing_that_is_gone() -> None:
    words = set(re.findall(r"^- \*\*(\w+)\*\*", read(ROOT / "docs" / "GLOSSARY.md"), re.M))
    assert words == {model.__name__ for model in MODELS}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_model_has_no_hidden_order(model: type[Model]) -> None:
    assert not model._meta.ordering, "Order where you show, and end with pk."


def test_clock_starts_only_tasks_that_exist() -> None:
    celery.loader.import_default_modules()
    wanted = {entry["task"] for entry in celery.conf.beat_schedule.values()}
    missing = wanted - set(celery.tasks)
    assert not missing, "cop/celery.py names them, and no tasks.py has them."


def test_import_contract_names_every_module_of_the_site() -> None:
    contracts = tomllib.loads(read(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    named = next(one for one in contracts if one["id"] == "root")["forbidden_modules"]
    parts = {
        f"cop.{path.stem}"
        for path in (ROOT / "cop").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }
    assert set(named) == parts - {"cop.core"}


def test_every_app_stands_in_the_line() -> None:
    contracts = tomllib.loads(read(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    line = next(one for one in contracts if one["id"] == "line")["layers"]
    # The order of INSTALLED_APPS is the line, read from the other end.
    assert line[::-1] == settings.INSTALLED_APPS[: len(line)]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", read(ROOT / "Makefile"), re.M))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_document_names_commands_that_exist(path: Path) -> None:
    # In code only: prose may make do.
    code = " ".join(re.findall(r"```.*?```|`[^`\n]+`", read(path), re.S))
    named = set(re.findall(r"\bmake ([a-z][\w-]*)", code))
    assert named <= targets()


def test_readme_names_the_two_commands() -> None:
    readme = read(ROOT / "README.md")
    assert "make run" in readme
    assert "make test" in readme


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_document_links_to_files_that_exist(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", read(path))
    assert not [link for link in links if not (path.parent / link).exists()]


# A path in a recipe: `members/urls.py`, `templates/<app>/<noun>_<verb>.html`, `tests/`.
PATH = re.compile(r"`([\w.<>*-]+(?:/[\w.<>*-]*)+|[\w-]+\.(?:py|md|toml|yaml|yml))`")


@pytest.mark.parametrize(
    "path", [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "ARCHITECTURE.md"], ids=name_of
)
def test_recipes_name_places_that_exist(path: Path) -> None:
    """`<app>` in a path stands for any: at least one such file must be there."""
    missing = []
    for place in PATH.findall(read(path)):
        pattern = re.sub(r"<[^>]+>", "*", place).rstrip("/")
        if not any(ROOT.glob(pattern)):
            missing.append(place)
    assert not missing


@cache
def published() -> list[Path]:
    """Everything that Git keeps, or would keep after `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if listed.returncode:
        pytest.skip("this is no Git checkout")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and path != Path(__file__).resolve()]


# A folder of somebody's computer, or the host from which somebody's packages came.
PRIVATE = re.compile(
    rb"(?<![\w.<>*/-])/(?:work|root|Users|home/\w)[/\w]|pythonhosted\.org|registry\.npmjs"
    rb"|--(?:extra-)?index-url|artifactory"
)


def test_nothing_tells_on_which_computer_it_was_made() -> None:
    telling = []
    for path in published():
        data = path.read_bytes()
        found = None if b"\0" in data[:1024] else PRIVATE.search(data)
        if found:
            telling.append((name_of(path), found.group().decode()))
    assert not telling
