import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from library.actions.indexing import reindex
from library.models import Resource
from library.search import PAGE, Filters
from library.search import find as find_at
from tests.factories import NOW
from tests.library.factories import make_resource


def find(rows, filters, **more):
    return find_at(rows, filters, now=NOW, **more)


def shelve(community, **fields):
    resource = make_resource(community, **fields)
    reindex(resource)
    return resource


def titles(words: str, **filters: str) -> list[str]:
    found = find(Resource.objects.all(), Filters(words=words, **filters))
    return [row.title for row in found.rows[: found.total]]


@pytest.fixture
def shelf(community):
    shelve(community, title="Night-shift handover card", summary="Print two per page.")
    shelve(community, title="Overdose drill script", summary="For five people, at night.")
    shelve(
        community, title="Équipe de nuit : la relève", language="fr", kind="guideline",
        summary="Pour les maisons de rétablissement.", topics=["nights"],
    )  # fmt: skip
    shelve(
        community,
        title="House rules that help",
        topics=["rules"],
        url="",
        body="The overdose kit hangs beside the door. No naloxone? Ask.",
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("handover", ["Night-shift handover card"]),
        ("HANDOVERS", ["Night-shift handover card"]),
        ("équipe", ["Équipe de nuit : la relève"]),
        ("equipe", ["Équipe de nuit : la relève"]),
        ("équipes retablissement", ["Équipe de nuit : la relève"]),
        ("nuits", ["Équipe de nuit : la relève"]),
        ("overdose", ["Overdose drill script", "House rules that help"]),
        ("overdose -drill", ["House rules that help"]),
        ('"drill script"', ["Overdose drill script"]),
        ('"script drill"', []),
        ("naloxone or relève", ["Équipe de nuit : la relève", "House rules that help"]),
        # The third by its topic.
        (
            "night",
            ["Night-shift handover card", "Overdose drill script", "Équipe de nuit : la relève"],
        ),
    ],
)
def test_find_words(shelf, words, expected):
    found = find(Resource.objects.all(), Filters(words=words))

    # Near ones are an offer, not a find, and so is what stands behind the finds.
    shown = [] if found.is_near else found.rows[: found.total]
    assert [row.title for row in shown] == expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("handovr", "Night-shift handover card"),
        ("overdoze", "Overdose drill script"),
        ("releve equipée", "Équipe de nuit : la relève"),
        ("hosue rules", "House rules that help"),
    ],
)
def test_find_offers_the_nearest_words(shelf, typed, meant):
    found = find(Resource.objects.all(), Filters(words=typed))

    assert found.rows[0].title == meant
    assert found.is_near or found.total


def test_find_nothing_near(shelf):
    found = find(Resource.objects.all(), Filters(words="xylophone"))

    assert (found.rows, found.total, found.is_near) == ([], 0, False)


@pytest.mark.parametrize(
    "words", ["'", '"', "-", "a:*", "!!", "& |", "\\", "%", "x" * 5000, "\x00", "()<->", "-the"]
)
def test_find_survives_odd_signs(shelf, words):
    find(Resource.objects.all(), Filters.read({"q": words}))


def test_find_narrows(shelf):
    assert titles("", kind="guideline") == ["Équipe de nuit : la relève"]
    assert titles("", topic="rules") == ["House rules that help"]
    assert titles("drill", language="fr") == []
    assert titles("overdose", topic="rules") == ["House rules that help"]


def test_find_stays_inside_the_rows_it_was_given(shelf, community):
    shelve(community, title="Secret overdose notes", visibility="members")
    public = Resource.objects.filter(visibility="public")

    for words in ("overdose", "secret", "secrt notes"):
        found = find(public, Filters(words=words))
        assert "Secret overdose notes" not in [row.title for row in found.rows]


@pytest.mark.parametrize("words", ["", "card"])
def test_find_pages_show_each_row_once(community, words):
    made = {make_resource(community, title=f"Card {n}").pk for n in range(2 * PAGE + 3)}
    seen, after = [], ""
    for expected in (PAGE, PAGE, 3):
        found = find(Resource.objects.all(), Filters(words=words), after=after)
        assert (len(found.rows), found.total) == (expected, len(made))
        seen += [row.pk for row in found.rows]
        after = found.next_id

    assert after == ""
    assert len(seen) == len(set(seen))
    assert set(seen) == made


def test_find_puts_the_newest_first(community):
    old, new = make_resource(community), make_resource(community)

    assert find(Resource.objects.all(), Filters()).rows == [new, old]


@pytest.mark.parametrize("words", ["", "card", "crad", "none"])
def test_find_asks_the_same_number_of_questions(community, words):
    counts = []
    for _round in range(2):
        shelve(community, title="Night card")
        shelve(community, title="Day card")
        with CaptureQueriesContext(connection) as queries:
            find(Resource.objects.all(), Filters(words=words))
        counts.append(len(queries))

    # With nothing found, the nearest words cost some more.
    assert counts[0] == counts[1] <= (3 if words == "" else 12)


def test_filters_read_ignores_what_they_do_not_know():
    filters = Filters.read({"q": " a\n b ", "kind": "x", "language": "de", "topic": "nights"})

    assert filters == Filters(words="a b", topic="nights")
    assert filters.query(after="key") == "q=a+b&topic=nights&after=key"
