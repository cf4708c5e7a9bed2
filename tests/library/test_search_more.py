"""Filters with counts, excerpts, slips, what is related."""

from datetime import timedelta

import pytest

from library.models import Resource, SearchWord
from library.search import Filters, excerpt_of, related_to
from library.search.folding import slips
from library.search.terms import Question
from tests.factories import NOW
from tests.library.factories import make_resource
from tests.library.test_search import find, shelve

KINDS, LANGUAGES, MINUTES = ["tool", "guideline", "slides"], ["en", "fr"], [3, 12, 40, None]


@pytest.fixture
def mixed(community):
    """Forty-eight of all mixtures; every second has the word."""
    for number in range(48):
        resource = make_resource(
            community,
            title=f"Card {number}" if number % 2 else f"Relay {number}",
            kind=KINDS[number % 3],
            language=LANGUAGES[number // 3 % 2],
            reading_minutes=MINUTES[number // 6 % 4],
            topics=[f"t{number % 5}", "all"],
            year=2024 + number % 2,
            visibility=["public", "members"][number // 24],
        )
        assert resource.pk


def count_by_hand(facet, words, narrowing):
    """What a filter would leave, asked row by row."""
    bucket = {None: "", 3: "5", 12: "15", 40: "60"}
    counts = {}
    for row in Resource.objects.all():
        facts = {
            "kind": row.kind, "language": row.language, "minutes": bucket[row.reading_minutes],
            "year": str(row.year), "visibility": row.visibility, "topic": row.topics,
        }  # fmt: skip
        others = {name: value for name, value in narrowing.items() if name != facet}
        fits = all(value in facts[n] if n == "topic" else facts[n] == value
                   for n, value in others.items())  # fmt: skip
        if fits and words.lower() in row.title.lower():
            for value in facts[facet] if facet == "topic" else [facts[facet]]:
                if value:
                    counts[value] = counts.get(value, 0) + 1
    return counts


@pytest.mark.parametrize("words", ["", "card"])
@pytest.mark.parametrize(
    "narrowing",
    [
        {}, {"kind": "tool"}, {"topic": "t1"}, {"language": "fr", "minutes": "5"},
        {"kind": "slides", "year": "2025", "topic": "all", "visibility": "members"},
    ],
)  # fmt: skip
def test_each_filter_says_what_it_would_leave(mixed, words, narrowing):
    found = find(Resource.objects.all(), Filters(words=words, **narrowing))

    for facet in ("kind", "topic", "language", "year", "minutes", "visibility"):
        assert found.counts.get(facet, {}) == count_by_hand(facet, words, narrowing), facet
    by_hand = count_by_hand("kind", words, narrowing)
    kind = narrowing.get("kind")
    assert found.total == (by_hand.get(kind, 0) if kind else sum(by_hand.values()))
    assert len(found.rows) == min(found.total, 20)


def test_order_by_use_and_by_age(community):
    old = make_resource(community, title="Old card", used_count=3)
    used = make_resource(community, title="Used card", used_count=9, helped_count=1)
    new = make_resource(community, title="New card")
    rows = Resource.objects.all()

    for words in ("", "card"):
        assert find(rows, Filters(words=words, sort="used")).rows == [used, old, new]
        assert find(rows, Filters(words=words, sort="newest")).rows == [new, used, old]


def test_pages_in_order_of_use_show_each_row_once(community):
    made = {make_resource(community, used_count=n % 3).pk for n in range(45)}
    seen, after = [], ""
    for _page in range(3):
        found = find(Resource.objects.all(), Filters(sort="used"), after=after)
        seen += [row.pk for row in found.rows]
        after = found.next_id
    assert len(seen) == len(set(seen))
    assert set(seen) == made


def test_titles_stand_before_texts_and_fresh_before_old(community):
    text = make_resource(community, title="Card", summary="About naloxone and naloxone.")
    old = make_resource(community, title="Naloxone", published_at=NOW - timedelta(days=2_000))
    fresh = make_resource(community, title="Naloxone", published_at=NOW - timedelta(days=5))
    doubted = make_resource(
        community, title="Naloxone", published_at=NOW - timedelta(days=1), state="review_due"
    )

    found = find(Resource.objects.all(), Filters(words="naloxone")).rows
    assert found[0] == fresh
    assert found[-1] == text
    assert set(found[1:3]) == {old, doubted}


def test_used_in_practice_stands_before_its_like(community):
    make_resource(community, title="Drill", published_at=NOW)
    used = make_resource(community, title="Drill", published_at=NOW, used_count=12)
    make_resource(community, title="Drill", published_at=NOW)

    assert find(Resource.objects.all(), Filters(words="drill")).rows[0] == used


def test_while_typing_the_beginning_of_a_word_is_enough(community):
    card = make_resource(community, title="Handover card")
    rows = Resource.objects.all()

    assert find(rows, Filters(words="hand"), is_typing=True).rows == [card]
    assert find(rows, Filters(words="card hand"), is_typing=True).rows == [card]
    assert find(rows, Filters(words="hand"), is_typing=False).total == 0


def test_text_inside_a_file_is_found_and_said_so(community):
    paper = make_resource(
        community, title="Guide", language="fr", file="x", file_name="guide.pdf",
        file_text="Page un. " * 300 + "Une tisane et une couverture valent mieux qu'un papier. "
        + "Fin. " * 300,
    )  # fmt: skip
    shelve(community, title="Something else", file_text="")
    SearchWord.objects.create(word="couverture")

    for words in ("couvertures", "tisanes"):
        found = find(Resource.objects.all(), Filters(words=words))
        assert found.rows == [paper]
        assert found.rows[0].excerpt.is_inside
        assert "<mark>" in found.rows[0].excerpt.html
    near = find(Resource.objects.all(), Filters(words="couvertur tisane"))
    assert near.rows == [paper]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bedbugs", "bed bugs"),
        ("nalaxone", "naloxone"),
        ("hosue", "house"),
        ("détrese", "detresse"),
    ],
)
def test_slips_say_what_was_meant(community, typed, meant):
    for title in ("Bed bugs", "Naloxone", "House", "Détresse"):
        shelve(community, title=title, language="fr" if title == "Détresse" else "en")

    found = find(Resource.objects.all(), Filters(words=typed))
    assert found.is_near
    assert found.meant == meant


def test_a_word_that_stands_in_hidden_things_only_is_not_told(community):
    shelve(community, title="Xanthippe came late", visibility="members")
    shelve(community, title="Card")
    public = Resource.objects.filter(visibility="public")

    found = find(public, Filters(words="xanthipe"))
    assert (found.rows, found.meant, found.total) == ([], "", 0)


@pytest.mark.parametrize(("language", "word"), [("en", "stories"), ("fr", "histoires")])
def test_leaving_out_works_in_both_languages(community, language, word):
    kept = make_resource(community, title="Card", language=language)
    make_resource(community, title="Card", summary=f"With {word}.", language=language)

    assert find(Resource.objects.all(), Filters(words=f"card -{word}")).rows == [kept]


@pytest.mark.parametrize(
    ("a", "b", "number"),
    [("", "", 0), ("a", "", 1), ("house", "hosue", 1), ("kitten", "sitting", 3), ("ab", "ba", 1)],
)
def test_slips_are_counted(a, b, number):
    assert slips(a, b) == slips(b, a) == number


def test_a_question_leaves_little_words_out(db):
    assert [term.text for term in Question.ask("the card of the house").wanted] == ["card", "house"]
    assert [term.text for term in Question.ask("the").wanted] == ["the"]
    assert Question.ask("").is_empty


def test_an_excerpt_escapes_and_marks():
    text = "Before <script>alert(1)</script> the **overdose** kit & 3 < 5."
    excerpt = excerpt_of("", text, "", ["overdos"])

    assert "<mark>overdose</mark>" in excerpt.html
    assert "<script" not in excerpt.html
    assert not excerpt.is_inside


def test_an_excerpt_shows_the_place_with_most_words():
    text = "rule " + "word " * 300 + "the rule of the house " + "word " * 300
    excerpt = excerpt_of("", text, "", ["rule", "hous"])

    assert "<mark>rule</mark> of the <mark>house</mark>" in excerpt.html
    assert excerpt.html.startswith("… ")
    assert len(excerpt.html) < 300


@pytest.mark.parametrize("text", ["", " ", "ʔa " * 400, "א" * 5000, "e\u0301te\u0301 " * 200])
def test_an_excerpt_of_anything(text):
    assert len(excerpt_of(text, text, text, ["ete", "ʔa"]).html) < 3_000


def test_related_shares_topic_or_words(community):
    one = make_resource(community, title="Handover card", topics=["nights"])
    same = make_resource(community, title="Handover script", topics=["nights"])
    topic = make_resource(community, title="Coffee", topics=["nights"])
    make_resource(community, title="Garden", topics=["work"])
    make_resource(community, title="Carte", topics=["nights"], translation_of=one, language="fr")

    assert related_to(Resource.objects.all(), one) == [same, topic]
