"""What is looked at before an issue is approved, each finding as a sentence for the editor.

`stop`: it cannot leave so. `look`: somebody decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.text import localized
from newsletter.addresses import addresses_of, is_ours
from newsletter.emails import issue_email
from newsletter.models import IssueItem, NamedPerson, NewsletterIssue
from newsletter.naming import answers_of, named_in
from newsletter.queries import EDITIONS, blocks_for, sources_of
from newsletter.rules import (
    ENOUGH_ITEMS,
    MANY_WORDS,
    MAX_BYTES,
    MAX_ITEMS,
    holds_secret_link,
    join_links,
)
from newsletter.wall_times import times_without_zone

STOP, LOOK = "stop", "look"
Answer = NamedPerson.Answer


@dataclass(frozen=True)
class Problem:
    """One finding. `item`: the key of the item; None: the issue as a whole."""

    level: str
    code: str
    text: str
    item: int | None = None


@dataclass
class Looked:
    """An issue as the checks read it, once."""

    issue: NewsletterIssue
    now: datetime
    items: list[IssueItem] = field(init=False)

    def __post_init__(self) -> None:
        rows = self.issue.items.filter(is_included=True).select_related("picture")
        self.items = list(rows.defer("picture__content").order_by("position", "pk"))

    @cached_property
    def titles(self) -> dict[int | None, str]:
        return {item.pk: str(item) for item in self.items} | {None: _("Opening words")}

    def texts(self) -> Iterator[tuple[int | None, str]]:
        issue = self.issue
        for text in (issue.subject, issue.subject_fr, issue.intro, issue.intro_fr):
            yield None, text
        for item in self.items:
            for text in (item.title, item.title_fr, item.text, item.text_fr):
                yield item.pk, text


def find_problems(issue: NewsletterIssue, *, now: datetime) -> list[Problem]:
    """All findings, what stops first. Renders the issue for its size, so not for each key press."""
    looked = Looked(issue, now)
    found = [problem for check in CHECKS for problem in check(looked)]
    return sorted(found, key=lambda problem: problem.level != STOP)


def stops(issue: NewsletterIssue, *, now: datetime) -> list[Problem]:
    """What keeps it from being approved and from leaving."""
    return [one for one in find_problems(issue, now=now) if one.level == STOP]


def _frame(looked: Looked) -> Iterator[Problem]:
    issue, community = looked.issue, looked.issue.community
    if not (issue.subject or issue.subject_fr).strip():
        yield Problem(STOP, "subject", _("The issue has no subject yet."))
    if not community.is_writing:
        yield Problem(STOP, "silent", _("The community is paused or archived: it sends nothing."))
    if not (community.postal_address or settings.POSTAL_ADDRESS):
        yield Problem(
            STOP,
            "postal_address",
            _("The community has no postal address. The law asks for one under each newsletter."),
        )


def _amount(looked: Looked) -> Iterator[Problem]:
    count = len(blocks_for(looked.issue, EDITIONS))
    if count < ENOUGH_ITEMS:
        yield Problem(
            LOOK,
            "few",
            _("Fewer than three items are in it. Skip this issue, or merge it into the next one?"),
        )
    if len(looked.items) > MAX_ITEMS:
        text = _("It holds more than %(n)d items. Take some out.") % {"n": MAX_ITEMS}
        yield Problem(STOP, "many", text)
    for language, name in settings.LANGUAGES:
        words = sum(
            len(f"{localized(one, 'title', language)} {localized(one, 'text', language)}".split())
            for one in looked.items
        ) + len(localized(looked.issue, "intro", language).split())
        if words > MANY_WORDS:
            text = _("It has %(n)d words (%(language)s). Most people stop reading at %(most)d.")
            values = {"n": words, "language": name, "most": MANY_WORDS}
            yield Problem(LOOK, "long", text % values)


def _pictures(looked: Looked) -> Iterator[Problem]:
    for item in looked.items:
        if item.picture and not (item.picture.alt or item.picture.alt_fr).strip():
            text = _("“%(title)s”: say what the picture shows, for people who do not see it.")
            yield Problem(STOP, "alt", text % {"title": item}, item.pk)


def _secret_links(looked: Looked) -> Iterator[Problem]:
    joins = join_links(looked.issue.community)
    places = dict.fromkeys(
        place
        for place, text in [*looked.texts(), *((one.pk, one.path) for one in looked.items)]
        if holds_secret_link(text, joins)
    )
    for place in places:
        text = _(
            "“%(title)s”: a link to a meeting room or a personal link. Whoever gets the mail could "
            "step in. Link to the meeting's page instead."
        )
        yield Problem(STOP, "secret_link", text % {"title": looked.titles[place]}, place)


def _dead_links(looked: Looked) -> Iterator[Problem]:
    checks = {row.url: row for row in looked.issue.link_checks.all()}
    waiting = 0
    for address, place in addresses_of(looked.issue, looked.items).items():
        if is_ours(address):
            works: bool | None = _is_page(address)
            answer = _("no such page here")
        else:
            row = checks.get(address)
            works, answer = (row.works, row.answer) if row else (None, "")
        waiting += works is None
        if works is False:
            text = _("“%(title)s”: %(address)s does not answer (%(answer)s).")
            values = {"title": looked.titles[place], "address": address, "answer": answer}
            yield Problem(LOOK, "dead_link", text % values, place)
    if waiting:
        text = ngettext(
            "%(n)d link is still being tried. Look again in a minute.",
            "%(n)d links are still being tried. Look again in a minute.",
            waiting,
        )
        yield Problem(LOOK, "links_waiting", text % {"n": waiting})


def _is_page(address: str) -> bool:
    path = address.removeprefix(settings.SITE_URL).partition("#")[0].partition("?")[0]
    try:
        resolve(path or "/")
    except Resolver404:
        return False
    return True


def _names(looked: Looked) -> Iterator[Problem]:
    answers = answers_of(looked.issue)
    for named in named_in(looked.issue):
        row = answers.get(named.person)
        if row is None:
            text = _("%(name)s is named and was not asked yet. Ask, or take the name out.")
        elif row.answer == Answer.ASKED:
            text = _("%(name)s was asked and has not answered yet.")
        elif row.answer != Answer.YES:
            text = _("%(name)s does not want to be named. Take the name out.")
        elif row.words != named.words:
            text = _("%(name)s said yes to other words than these. Ask once more.")
        else:
            continue
        yield Problem(STOP, "name", text % {"name": named.name}, named.passages[0].item)
    for item in looked.items:
        if item.kind == item.Kind.SPOTLIGHT and item.person_id is None:
            text = _("“%(title)s”: say whom the spotlight is about.")
            yield Problem(STOP, "name", text % {"title": item}, item.pk)


def _times(looked: Looked) -> Iterator[Problem]:
    for place, text in looked.texts():
        for found in times_without_zone(text):
            words = _("“%(title)s”: %(time)s does not say in which time zone.")
            values = {"title": looked.titles[place], "time": found}
            yield Problem(LOOK, "time", words % values, place)


def _gone(looked: Looked) -> Iterator[Problem]:
    sources = sources_of(looked.items)
    for item in looked.items:
        if item.source and item.source not in sources:
            text = _("“%(title)s” was cancelled or withdrawn since. It stays out by itself.")
            yield Problem(LOOK, "gone", text % {"title": item}, item.pk)


def _languages(looked: Looked) -> Iterator[Problem]:
    spoken = looked.issue.community.languages or ["en"]
    for code, name in settings.LANGUAGES:
        if code not in spoken:
            continue
        suffix = "_fr" if code == "fr" else ""
        missing = [one for one in looked.items if not getattr(one, f"title{suffix}")]
        if missing:
            text = ngettext(
                "%(n)d item is not written in this language: %(language)s. The other one stands.",
                "%(n)d items are not written in this language: %(language)s. The other one stands.",
                len(missing),
            )
            yield Problem(LOOK, "language", text % {"n": len(missing), "language": name})


def _size(looked: Looked) -> Iterator[Problem]:
    for edition in EDITIONS:
        for language, _name in settings.LANGUAGES:
            if len(issue_email(looked.issue, edition, language).html.encode()) > MAX_BYTES:
                text = _(
                    "It is so long that mail programs would cut it off. Take some items out, or "
                    "make texts shorter."
                )
                yield Problem(STOP, "size", text)
                return


CHECKS = (
    _frame, _amount, _pictures, _secret_links, _dead_links, _names, _times, _gone, _languages,
    _size,
)  # fmt: skip
