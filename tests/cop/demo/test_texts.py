"""The words of the demo fit the fixtures: nothing without words, no words without a thing."""

from pathlib import Path
from typing import Any

import pytest
import yaml

DEMO = Path(__file__).resolve().parents[3] / "cop" / "demo"


def load(name: str) -> Any:
    return yaml.safe_load((DEMO / name).read_text(encoding="utf-8"))


TEXTS = load("texts.yaml")
EVERY_DOOR = load("fixtures/every_door.yaml")
SOCIAL = load("fixtures/social.yaml")["communities"]
RESOURCES = [*EVERY_DOOR["resources"], *(row for one in SOCIAL for row in one["resources"])]
TITLES = [row["title"] for row in RESOURCES]


def test_every_community_has_a_purpose_in_three_lines() -> None:
    slugs = {EVERY_DOOR["community"]["slug"], *(one["slug"] for one in SOCIAL)}
    assert set(TEXTS["communities"]) == slugs
    for words in TEXTS["communities"].values():
        assert len(words["purpose"].splitlines()) == len(words["purpose_fr"].splitlines()) == 3


def test_every_meeting_has_its_description() -> None:
    titles = {row["title"] for row in EVERY_DOOR["meetings"]}
    for one in SOCIAL:
        titles |= {row["title"] for stream in one["streams"] for row in stream.get("meetings", [])}
    assert set(TEXTS["meetings"]) == titles


def test_every_issue_has_opening_words() -> None:
    assert list(TEXTS["newsletters"]) == [row["number"] for row in EVERY_DOOR["newsletters"]]
    for number in (1, 2, 3, 4):
        assert 2 <= len(TEXTS["newsletters"][number]["items"]) <= 3


def test_resources_are_those_of_the_fixtures() -> None:
    assert sorted(TEXTS["resources"]) == sorted(TITLES)


@pytest.mark.parametrize("title", TITLES)
def test_resource_has_a_summary_and_one_content(title: str) -> None:
    words = TEXTS["resources"][title]
    assert words["summary"]
    assert 2 <= len(words["topics"]) <= 4
    assert ("body" in words) != ("url" in words)
    if "url" in words:
        assert words["url"].split("/")[2].endswith(".example")
    else:
        assert 80 <= len(words["body"].split()) <= 250
        assert "!" not in words["body"]


def test_generator_has_enough_names() -> None:
    assert len({row["name"] for row in TEXTS["organizations"]}) == 40
    assert len(set(TEXTS["first_names"])) == 120
    assert len(set(TEXTS["surnames"])) == 160
    regions = [row["region"] for row in TEXTS["organizations"]]
    shares = EVERY_DOOR["generator"]["region_share"]
    for region, share in shares.items():
        assert abs(regions.count(region) / 40 - share) < 0.02
