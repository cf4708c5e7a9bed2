"""Each variant of an issue within what mail clients take; hostile words; clicks without people."""

import re
import time
from email import message_from_bytes
from email.policy import default

import pytest
from django.conf import settings
from django.urls import reverse

from newsletter.emails import issue_email
from newsletter.links import LinkBook
from newsletter.models import IssueLink
from newsletter.plain import plain
from newsletter.queries import EDITIONS
from outbox.rendering import Content, Letter
from tests.factories import NOW, make_meeting
from tests.newsletter.mail.limits import Limits
from tests.newsletter.makers import make_issue, make_item, make_resource

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _name in settings.LANGUAGES]
VARIANTS = [(edition, language) for edition in EDITIONS for language in LANGUAGES]
TEXT = """Three things helped:

- a list **by the door**
- [the card](https://tools.example/drill?a=1&b=2)

1. First
2. Second

> Said one of us.

See [our page](/every-door/library/) or write to [us](mailto:hello@cop.example)."""


@pytest.fixture
def issue(community):
    issue = make_issue(
        community, intro=TEXT, intro_fr="Bonjour **à toutes**.", subject_fr="Règles douces"
    )
    meeting = make_meeting(community, title="Peer input", audience="public")
    make_item(issue, "Peer input", kind="meeting_next", text=TEXT, title_fr="Entre pairs",
              source=f"meeting:{meeting.public_id}", path=meeting.get_absolute_url())  # fmt: skip
    for number, edition in enumerate(("public", "members", "members_and_allies")):
        resource = make_resource(community, title=f"Card {edition}", visibility=edition)
        make_item(
            issue, f"Card {edition}", kind="new_resource", position=20 + number, edition=edition,
            text=f"Words for {edition}.", title_fr=f"Carte {edition}",
            source=f"resource:{resource.public_id}", path=resource.get_absolute_url(),
        )  # fmt: skip
    picture = issue.pictures.create(
        alt="A door & a lamp", alt_fr="Une porte", content_type="image/jpeg", content=b"x",
        width=1072, height=600, added_at=NOW,
    )  # fmt: skip
    make_item(issue, "Ɂehdzo x̱ ə “Thanks”", text=TEXT, position=40, picture=picture)
    return issue


@pytest.mark.parametrize(("edition", "language"), VARIANTS)
def test_each_variant_keeps_within_the_limits(issue, edition, language):
    html = issue_email(issue, edition, language).html

    assert Limits(html).complaints == []
    assert f'lang="{language}"' in html
    assert "<!--[if mso" in html
    assert "prefers-color-scheme: dark" in html
    for mark in ("%%CHOICES_URL%%", "%%UNSUBSCRIBE_URL%%"):
        assert html.count(f'href="{mark}"') == 1
    assert "@@" not in html


def test_the_limits_complain():
    """The control: what would break in a mail client is found."""
    for bad in (
        "<table><tr><td>x</td></tr></table>", '<div style="display:flex">x</div>',
        '<img src="/x.png" alt="x" width="3">', '<a href="/x">x</a>', "<script>x</script>",
        "<p>words without a style</p>", "<div>", '<td width="900"></td>',
        '<a href="javascript:x" style="">x</a>', '<p onclick="x"></p>',
    ):  # fmt: skip
        assert Limits(bad).complaints, bad


def raw(issue, edition, language):
    email = issue_email(issue, edition, language)
    letter = Letter(Content(email.subject, email.text, email.html), {"From": "x@cop.example"})
    return letter.fill(
        {"%%CHOICES_URL%%": "https://c.example/", "%%UNSUBSCRIBE_URL%%": "https://u.example/"}
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_public_edition_holds_no_title_of_others(issue, language):
    message = message_from_bytes(raw(issue, "public", language), policy=default)
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    whole = "\n".join([str(message), *parts])
    assert "Card public" in whole or "Carte public" in whole
    for secret in ("Card members", "Carte members", "Words for members"):
        assert secret not in whole
    # The control: the members' edition has the title, and never the words.
    inside = message_from_bytes(raw(issue, "members", language), policy=default)
    text = inside.get_body(("plain",)).get_content()
    assert re.search("Car(d|te) members", text)
    assert "Words for members" not in text


def test_text_part_reads_like_a_letter(issue):
    written = issue_email(issue, "public", "en").text
    assert all(len(line) <= 72 or "http" in line for line in written.splitlines())
    text = re.sub(r"(?<=\w)\n(?=\()", " ", written)
    assert "- a list by the door" in text
    assert "- the card (https://tools.example/drill?a=1&b=2)" in text
    assert "1. First\n2. Second" in text
    assert "our page (http://localhost:8000/every-door/library/)" in text
    assert "us (mailto:hello@cop.example)" in text
    assert "**" not in text
    assert "About this meeting:\nhttp://localhost:8000/" in text


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("", ""),
        ("*a* _b_ `c`", "a b c"),
        ("# Title\n\ntext", "Title\n\ntext"),
        ("- a\n  - b\n- c", "- a\n  - b\n- c"),
        ("<b>x</b> &amp; y", "<b>x</b> & y"),
        ("https://plain.example/x", "https://plain.example/x"),
        ("[https://a.example/](https://a.example/)", "https://a.example/"),
        ("```\ncode\n```", "code"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
    ],
)
def test_markdown_as_plain_words(markdown, expected):
    assert plain(markdown) == expected


PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</mj-text><mj-raw>x</mj-raw>",
    "</td></tr></table>", "<mj-button href='javascript:alert(1)'>x</mj-button>", "]]>", "<![CDATA[",
    "<!--", "-->", "&lt;script&gt;", "&#60;script&#62;", "{{ settings.SECRET_KEY }}",
    "{% debug %}", "{# x #}", "%%UNSUBSCRIBE_URL%%", "%%CHOICES_URL%%", "@@0@@", "@@999@@",
    "\u202egnp.exe", "\u2066x\u2069", "\x07\x1b[31m", "javascript:alert(1)",
    "[x](javascript:alert(1))", "[x](data:text/html,x)", "[x](vbscript:x)",
    "![x](https://evil.example/pixel.gif)", "[x](https://a.example/\"onmouseover=alert(1))",
    "[x](https://a.example/%22%3E%3Cscript%3E)", "<a href=javascript:x>y</a>", "<style>*{}</style>",
    "<base href=//evil.example>", "<meta http-equiv=refresh content=0>", "<svg onload=alert(1)>",
    "<iframe src=//evil.example>", "<form action=//evil.example><input name=p>", "\"><b>", "'><b>",
    "<mjml><mj-body>", "<mj-include path='/etc/passwd' />", "&nbsp;&copy;&unknown;", "𝓯𝓪𝓷𝓬𝔂",
    "👩🏽\u200d🚒🇨🇦", "Ɂ x̱ ʷməθkʷəy̓əm", "a" * 500, "<o:p></o:p><w:WordDocument>",
    "<p class=MsoNormal style='mso-x:y'>", "\r\nBcc: victim@people.example", "=?utf-8?q?x?=",
    "%s %(x)s %d", "$(id) `id` ${x}",
]  # fmt: skip
PLACES = ["title", "text", "alt", "intro"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_hostile_words_stay_words(community, payload, place):
    """Fifty payloads in four places: two hundred ways to break out, and none does."""
    issue = make_issue(community, intro=payload if place == "intro" else "Hello.")
    picture = issue.pictures.create(
        alt=payload[:250] if place == "alt" else "A door", content_type="image/jpeg",
        content=b"x", width=20, height=20, added_at=NOW,
    )  # fmt: skip
    make_item(
        issue, payload[:160] if place == "title" else "Title",
        text=payload if place == "text" else "Text.", picture=picture,
    )  # fmt: skip
    email = issue_email(issue, "public", "en")
    found = Limits(email.html)
    assert found.complaints == []
    assert 'src="https://evil' not in email.html
    if place == "title":
        seen = re.sub(r"\W", "", re.sub(r"[\x00-\x1f\u202e\u2066\u2069]", "", payload))[:12]
        assert seen in re.sub(r"\W", "", found.text)
    letter = Letter(Content(email.subject, email.text, email.html), {"From": "x@cop.example"})
    links = {"%%CHOICES_URL%%": "https://c.example/", "%%UNSUBSCRIBE_URL%%": "https://u.example/"}
    message = message_from_bytes(letter.fill(links), policy=default)
    assert message["Bcc"] is None
    assert len(message.get_payload()) == 2


def test_thirty_blocks_are_quick_and_five_hundred_do_not_hang(community):
    issue = make_issue(community)
    for number in range(30):
        make_item(issue, f"Item {number}", text=TEXT, position=number)
    issue_email(issue, "members", "en")
    started = time.perf_counter()
    html = issue_email(issue, "members", "en").html
    took = time.perf_counter() - started
    assert len(html.encode()) < 100_000
    assert took < 1
    for number in range(470):
        make_item(issue, f"More {number}", text=TEXT, position=number)
    started = time.perf_counter()
    issue_email(issue, "members", "en")
    assert time.perf_counter() - started < 10


# Clicks.


def counted(issue, edition="public", language="en"):
    book = LinkBook(issue)
    email = issue_email(issue, edition, language, links=book)
    book.save()
    return email


def test_links_lead_through_us_and_count_nobody(issue, community, client):
    email = counted(issue)
    ways = set(re.findall(r"http://localhost:8000(/every-door/newsletter/5/go/\w+/)", email.html))
    assert ways == set(re.findall(r"8000(/every-door/newsletter/5/go/\w+/)", email.text))
    assert "https://tools.example" not in email.html + email.text
    assert 'href="mailto:hello@cop.example"' in email.html
    assert email.html.count("%%UNSUBSCRIBE_URL%%") == 1
    row = issue.links.get(url="https://tools.example/drill?a=1&b=2")
    way = reverse("newsletter:issue_link", args=[community.slug, 5, row.public_id])
    # Before it has left there is nothing to follow.
    assert client.get(way).status_code == 404
    issue.state, issue.sent_at = "sent", NOW
    issue.save()
    answer = client.get(way)
    assert (answer.status_code, answer["Location"]) == (302, row.url)
    assert not answer.cookies
    client.head(way)
    client.get(way, headers={"sec-purpose": "prefetch"})
    row.refresh_from_db()
    assert row.clicks == 1
    assert {f.name for f in IssueLink._meta.get_fields()} == {
        "id", "public_id", "issue", "url", "label", "clicks",
    }  # fmt: skip


def test_one_address_is_one_row_in_all_variants(issue):
    for edition, language in VARIANTS:
        counted(issue, edition, language)
    urls = list(issue.links.values_list("url", flat=True))
    assert len(urls) == len(set(urls))


def test_counting_can_be_switched_off(issue, community):
    community.newsletter_counts_clicks = False
    community.save()
    issue.community = community
    email = counted(issue)
    assert "/go/" not in email.html + email.text
    assert not IssueLink.objects.exists()


@pytest.mark.parametrize("public_id", ["nothing", "x" * 20])
def test_the_way_leads_to_no_other_place(issue, community, client, public_id):
    issue.state, issue.sent_at = "sent", NOW
    issue.save()
    way = reverse("newsletter:issue_link", args=[community.slug, 5, public_id])
    answer = client.get(way + "?url=https://evil.example/")
    assert answer.status_code == 404
