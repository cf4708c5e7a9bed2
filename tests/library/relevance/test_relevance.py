"""How high the right resource stands, over what people type (at least sixty questions)."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from cop.demo import load
from library.actions.indexing import reindex
from library.models import Resource
from library.search import Filters, find
from tests.factories import NOW
from tests.library.factories import make_resource

QUERIES = yaml.safe_load((Path(__file__).parent / "queries.yaml").read_text(encoding="utf-8"))
GOAL = 0.9


@pytest.fixture
def demo_library(community):
    """The words of the demo's library on one shelf; what is in its files as a worker reads it."""
    texts = yaml.safe_load((load.FIXTURES.parent / "texts.yaml").read_text(encoding="utf-8"))
    rows = load.read("every_door.yaml")["resources"] + load.read("papers.yaml")["papers"]
    for number, row in enumerate(rows):
        words = {**texts["resources"].get(row["title"], {}), **row}
        inside = "\n".join(words.get("pages", []))
        resource = make_resource(
            community, kind=row["kind"], title=row["title"], summary=words["summary"],
            body="" if inside or words.get("url") else words["body"], url=words.get("url", ""),
            file="demo" if inside else "", file_name=words.get("file", ""), file_text=inside,
            language=row.get("lang", "en"), topics=words["topics"],
            published_at=NOW - timedelta(days=7 * number), publisher=row.get("publisher", ""),
        )  # fmt: skip
        reindex(resource)
    return Resource.objects.filter(community=community)


def _place(rows, query):
    """Where the first right one stands, from 1; 0 for not on the first page."""
    found = find(rows, Filters(words=query["q"]), now=NOW)
    places = [n for n, row in enumerate(found.rows, 1) if row.title in query["right"]]
    return places[0] if places else 0


def _score(places):
    return sum(1 / place for place in places.values() if place) / len(places)


def test_the_right_one_stands_first(demo_library):
    """Mean reciprocal rank. Those who do not know the titles are harder to understand."""
    seen, unseen = (
        {query["q"]: _place(demo_library, query) for query in QUERIES[half]}
        for half in ("seen", "unseen")
    )
    not_first = {q: place for q, place in (seen | unseen).items() if place != 1}

    assert _score(seen | unseen) >= GOAL, not_first
    assert _score(seen) >= 0.98, not_first
    assert _score(unseen) >= 0.85, not_first


def test_there_are_enough_questions():
    """Half of them by somebody who did not know the titles; all have an answer in the library."""
    titles = {row["title"] for row in load.read("every_door.yaml")["resources"]}
    titles |= {row["title"] for row in load.read("papers.yaml")["papers"]}

    assert len(QUERIES["unseen"]) >= 30
    assert len(QUERIES["seen"]) + len(QUERIES["unseen"]) >= 60
    assert {title for half in QUERIES.values() for q in half for title in q["right"]} <= titles
