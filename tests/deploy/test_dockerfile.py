import json
import re
from typing import NamedTuple

import pytest

from tests.deploy.files import ROOT, SERVICES_BY_NAME


class Step(NamedTuple):
    word: str
    rest: str


def steps() -> list[Step]:
    text = (ROOT / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    parts = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [Step(word.upper(), rest.strip()) for word, rest in parts]


STEPS = steps()


def last_stage() -> list[Step]:
    start = max(number for number, step in enumerate(STEPS) if step.word == "FROM")
    return STEPS[start:]


def values(word: str) -> list[str]:
    return [step.rest for step in last_stage() if step.word == word]


def test_base_image_names_its_version() -> None:
    images = [step.rest.split()[0] for step in STEPS if step.word == "FROM"]
    assert len(set(images)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", images[0])


def test_image_runs_as_an_ordinary_user() -> None:
    users = values("USER")
    assert users[-1] == SERVICES_BY_NAME["web"]["user"]
    after = last_stage()[last_stage().index(Step("USER", users[-1])) :]
    assert not [step for step in after if step.word in {"RUN", "COPY"}]


def test_nothing_is_fetched_past_the_package_index() -> None:
    assert not [step for step in STEPS if step.word == "ADD"]
    run = " ".join(step.rest for step in STEPS if step.word == "RUN")
    assert not re.search(r"\b(curl|wget|git)\b|https?://", run)


def test_packages_are_pinned_by_hash() -> None:
    install = next(step.rest for step in STEPS if "install" in step.rest and "pip" in step.rest)
    assert "--require-hashes" in install
    assert "--only-binary" in install


def test_hashes_are_locked_without_an_address() -> None:
    locked = (ROOT / "requirements.txt").read_text()
    names = re.findall(r"^[A-Za-z0-9_.-]+==", locked, re.MULTILINE)
    assert names
    assert locked.count("--hash=sha256:") >= len(names)
    assert "http" not in locked


@pytest.mark.parametrize("word", ["CMD", "ENTRYPOINT"])
def test_command_is_in_exec_form(word: str) -> None:
    [command] = values(word)
    assert isinstance(json.loads(command), list)


def test_command_is_the_one_of_web() -> None:
    assert json.loads(values("CMD")[0]) == SERVICES_BY_NAME["web"]["command"]


def test_no_secret_stays_in_the_image() -> None:
    kept = " ".join(step.rest for step in STEPS if step.word in {"ENV", "ARG", "LABEL"})
    assert not re.search(r"SECRET|PASSWORD|TOKEN|_URL", kept)


def test_zone_rules_come_from_the_pinned_package() -> None:
    environment = " ".join(values("ENV"))
    assert 'PYTHONTZPATH=""' in environment
    assert re.search(
        r"^tzdata==2026\.[3-9]|^tzdata==20(2[7-9]|[3-9]\d)",
        (ROOT / "requirements.txt").read_text(),
        re.MULTILINE,
    )


def test_static_files_are_collected_the_way_they_are_served() -> None:
    storage = "STATICFILES_STORAGE=whitenoise.storage.CompressedManifestStaticFilesStorage"
    assert sum(storage in step.rest for step in STEPS if step.word == "ENV") == 2


def test_only_named_files_enter_the_image() -> None:
    rules = (ROOT / ".dockerignore").read_text().split("\n")
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    assert rules[0] == "*"
    named = {rule[1:] for rule in rules if rule.startswith("!")}
    assert not named & {".env", ".git", "var", "tests", ".venv"}


def test_every_app_enters_the_image() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    named = (ROOT / ".dockerignore").read_text()
    assert all(f"\n!{name}\n" in named for name in packages | {"templates", "static", "locale"})
