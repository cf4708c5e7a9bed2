"""Every e-mail in both languages. No database: samples are made of invented people alone."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from tests.cop.test_french import entries
from tests.look.mails import EVERY, Page, build

MAX_BYTES = 100_000
ABBREVIATIONS = re.compile(r"\b(?:[PMCEAYN][SD]T|GMT|UTC)\b")
LEFT_OVER = re.compile(r"{{|{%|{#|\bNone\b|\bnan\b|Promise|object at 0x|,\s,|“”|« »|\(\)")
LINK = re.compile(r"https?://\S+|%%\w+%%")
# Who has said yes to nothing yet, and an office that is asked once.
NO_CHOICES = {"confirm_subscription", "issuer_inquiry", "community_invitation"}
every_mail = pytest.mark.parametrize(("name", "language"), EVERY)


@every_mail
def test_html_says_its_language_and_has_one_heading(name, language):
    page = Page(build(name, language).html)

    assert page.all("html")[0]["lang"] == language
    assert len(page.all("h1")) == 1
    assert len(page.all("title")) == 1
    levels = [int(tag[1]) for tag, _attributes in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


@every_mail
def test_html_is_built_for_mail_programs(name, language):
    email = build(name, language)
    page = Page(email.html)

    assert all("alt" in image for image in page.all("img"))
    assert all(table["role"] == "presentation" for table in page.all("table"))
    assert not [tag for tag, _a in page.tags if tag in {"script", "form", "iframe", "link"}]
    assert all(link["href"] for link in page.all("a"))
    assert len(email.html.encode()) < MAX_BYTES


@every_mail
def test_one_main_action_and_it_is_in_the_text_part_too(name, language):
    email = build(name, language)
    buttons = re.findall(r'class="mail-button"[^>]*><a[^>]*href="([^"]+)"', email.html)

    assert len(buttons) <= 1
    for address in buttons:
        assert address.replace("&amp;", "&") in email.text.split()


@every_mail
def test_text_part_has_each_link_on_a_line_of_its_own(name, language):
    for line in build(name, language).text.splitlines():
        assert not LINK.search(line) or LINK.fullmatch(line.strip()), line


@every_mail
def test_text_part_is_written_and_not_made_of_tags(name, language):
    text = build(name, language).text

    assert not re.search(r"</?[a-z]+[^>]*>|&\w+;", text)
    assert "\n\n\n" not in text
    assert text == text.strip() + "\n"


@every_mail
def test_nothing_is_left_over(name, language):
    email = build(name, language)

    for part in (email.subject, email.text, Page(email.html).text):
        assert not LEFT_OVER.search(part), LEFT_OVER.search(part)
    assert email.subject
    assert len(email.subject) < 80


@every_mail
def test_no_time_zone_is_abbreviated(name, language):
    email = build(name, language)

    for part in (email.subject, email.text, Page(email.html).text):
        assert not ABBREVIATIONS.search(part)


@every_mail
def test_foot_says_who_writes_from_where_and_why(name, language):
    email = build(name, language)
    foot = email.text.partition("\n-- \n")[2]

    assert re.search(r"\d", foot), "no postal address"
    assert re.search(r"You get this|Vous recevez ce", foot)
    if "1 Harbour Street" in foot:
        has_choices = name not in NO_CHOICES
        assert ("%%CHOICES_URL%%" in foot) == ("%%CHOICES_URL%%" in email.html) == has_choices


@pytest.mark.parametrize("name", sorted({name for name, _language in EVERY}))
def test_french_mail_has_no_english_that_could_be_french(name):
    email = build(name, "fr")
    said = " ".join([email.subject, email.text, Page(email.html).text]).replace("\n", " ")
    english = [
        msgid
        for msgid, msgstr in entries()
        if msgstr and msgstr != msgid and len(msgid.split()) > 2 and "%(" not in msgid
    ]

    assert [words for words in english if words in said] == []


def test_only_the_newsletter_and_its_like_can_be_stopped_by_one_link():
    stoppable = {name for name, language in EVERY if "%%UNSUBSCRIBE_URL%%" in build(name).text}

    assert "newsletter" in stoppable
    assert not stoppable & {"login_code", "welcome", "cancelled", "changed", "declined"}


def test_when_and_where_stand_before_the_button():
    for name in ("rsvp_confirmed", "reminder_day_before", "reminder_link", "changed_time"):
        email = build(name)
        words = Page(email.html).text
        label = re.search(r'class="mail-button".*?<a[^>]*>([^<]+)', email.html)[1]
        assert words.index("East Kootenay and Alberta time") < words.index(label), name
        # A change says first what it was before.
        first = "\n".join(email.text.splitlines()[:6])
        assert "When:" in first or "When\n   Before:" in first, name


def test_mail_to_somebody_without_a_name_greets_all_the_same():
    assert render_to_string("email/_hello.txt", {"person": None}).strip() == "Hello,"


def test_dark_rules_of_the_preview_and_of_the_mail_are_alike():
    root = Path(settings.BASE_DIR)
    mail = (root / "templates/email/_dark.html").read_text(encoding="utf-8")
    css = (root / "static/css/email.css").read_text(encoding="utf-8")

    for name in set(re.findall(r"\.mail-[\w-]+", mail)):
        assert name in css, f"{name} is not in email.css"
