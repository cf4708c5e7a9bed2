"""Captions and chapters are read with care: what is nonsense is refused in a sentence."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from library.captions import (
    MOST_BYTES,
    CaptionsRefused,
    Cue,
    as_vtt,
    chapters_of,
    check_captions,
    parse_captions,
    read_captions,
)
from tests.factories import make_staff
from tests.library.factories import make_resource

VTT = """WEBVTT - Nights

NOTE by the house
of two lines

STYLE
::cue { color: red }

intro
00:01.000 --> 00:04.000 align:start position:10%
<v Priya Sandhu>How do you <b>rest</b>?</v>

01:00:05.500 --> 01:00:07.000
Équipe de nuit &amp; ʔa &lt;3
Second line
"""


def test_times_and_words_are_kept_and_nothing_else():
    cues = parse_captions(VTT)

    assert cues == [
        Cue(1.0, 4.0, "How do you rest?"),
        Cue(3605.5, 3607.0, "Équipe de nuit & ʔa <3\nSecond line"),
    ]


def test_written_anew():
    text = as_vtt(parse_captions(VTT))

    assert text == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nHow do you rest?\n\n"
        "01:00:05.500 --> 01:00:07.000\nÉquipe de nuit &amp; ʔa &lt;3\nSecond line\n"
    )
    assert parse_captions(text) == parse_captions(VTT)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_endings_of_lines(ending):
    assert parse_captions(VTT.replace("\n", ending)) == parse_captions(VTT)


@pytest.mark.parametrize(
    "said",
    [
        "<script>alert(1)</script>", "<c.a><img src=x onerror=alert(1)>", "<<b>script>",
        "&lt;script&gt;", "a --&gt; b", "<b", "\0", "<v \u202eName>x",
    ],
)  # fmt: skip
def test_nothing_in_them_runs_or_becomes_a_time(said):
    text = as_vtt(parse_captions(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{said}\n"))

    said_again = text.split("\n", 3)[3]
    assert "<" not in said_again
    assert "-->" not in said_again
    assert len(parse_captions(text)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "begin with the word WEBVTT"),
        ("1\n00:00:01,000 --> 00:00:02,000\nSubRip", "begin with the word WEBVTT"),
        ("WEBVTTX\n\n00:01.000 --> 00:02.000\nA", "begin with the word WEBVTT"),
        ("<html>", "begin with the word WEBVTT"),
        ("WEBVTT", "Nothing is said"),
        ("WEBVTT\n\nNOTE only", "Nothing is said"),
        ("WEBVTT\n\nHello there\n", "Line 3 of the captions has no times"),
        ("WEBVTT\n\n00:01.000 -> 00:02.000\nA", "Line 4 of the captions has no times"),
        ("WEBVTT\n\none\nHello\nthere\n", "Line 4 of the captions has no times"),
        ("WEBVTT\n\n00:99.000 --> 00:02.000\nA", "Line 3 of the captions has no times"),
        ("WEBVTT\n\n00:05.000 --> 00:02.000\nA", "line 3 of the captions the end is not after"),
        ("WEBVTT\n\n00:05.000 --> 999:00:00.000\nA", "line 3 of the captions the end"),
        ("WEBVTT\n" + "\n00:01.000 --> 00:02.000\nA\n" * 10_001, "too many parts"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(text, words):
    with pytest.raises(CaptionsRefused, match=words):
        parse_captions(text)


def test_what_is_kept_is_our_own_writing():
    kept = check_captions(io.BytesIO(b"\xef\xbb\xbf" + VTT.encode()))

    assert kept.read().decode() == as_vtt(parse_captions(VTT))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\xff\xfe", "in UTF-8"),
        ("WEBVTT".encode("utf-16"), "in UTF-8"),
        (b"WEBVTT" + b" " * MOST_BYTES, "at most 1 MB"),
    ],
)
def test_what_is_no_text_is_refused(content, words):
    with pytest.raises(CaptionsRefused, match=words):
        read_captions(io.BytesIO(content))


def test_chapters():
    text = "1:05 What helped\nnonsense\n 00:00 – Welcome \n1:02:03 - Nuits <b>\n99 no\n90:00 Long"

    found = [(one.second, one.moment, one.title) for one in chapters_of(text)]

    assert found == [
        (0, "0:00", "Welcome"), (65, "1:05", "What helped"),
        (3723, "1:02:03", "Nuits <b>"), (5400, "1:30:00", "Long"),
    ]  # fmt: skip
    assert chapters_of("") == []
    assert len(chapters_of("0:01 x\n" * 500)) == 100


def test_captions_come_by_the_desk_and_become_the_transcript(community, sign_in):
    librarian = make_staff(community, "librarian")
    film = make_resource(community, kind="recording", state="in_review", title="Film")
    client, page = sign_in(librarian), f"/desk/library/resource/{film.pk}/change/"
    form = client.get(page).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields if name != "new_captions"}
    text = b"WEBVTT\n\n00:01.000 --> 00:04.000\nKits beside each door.\n"

    response = client.post(page, data | {"new_captions": SimpleUploadedFile("a.vtt", text)})
    assert response.status_code == 302, response.context["errors"]
    film.refresh_from_db()
    assert film.transcript == "Kits beside each door."
    assert b"beside each door" in film.captions.read()

    response = client.post(page, data | {"new_captions": SimpleUploadedFile("a.vtt", b"no")})
    assert response.status_code == 200
