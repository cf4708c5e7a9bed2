"""Reads of the newsletter: what an item tells about, who may read it, how it is shown."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from cop.core.links import absolute
from cop.core.text import localized
from members.access import Visitor, may_see_audience
from members.models import Community
from newsletter.models import IssueItem, IssuePicture, NamedPerson, NewsletterIssue
from newsletter.sources import Source, look_up

Edition = IssueItem.Edition
# Widest first: who belongs to one also reads the editions before it.
EDITIONS = (Edition.PUBLIC, Edition.MEMBERS_AND_ALLIES, Edition.MEMBERS)


@dataclass(frozen=True)
class Block:
    """One item as a reader sees it. A teaser has title and link only (N1)."""

    item: IssueItem
    source: Source | None
    is_public: bool
    is_teaser: bool
    url: str

    @property
    def label(self) -> str:
        """What kind of news it is; a text of the editors needs no word for that."""
        return "" if self.item.kind == IssueItem.Kind.OWN_TEXT else self.item.get_kind_display()

    @property
    def title(self) -> str:
        """In the active language, else in the other one."""
        return localized(self.item, "title")

    @property
    def text(self) -> str:
        return "" if self.is_teaser else localized(self.item, "text")

    @property
    def picture(self) -> IssuePicture | None:
        """Without its bytes. What only some may read shows no picture to the others."""
        return None if self.is_teaser else self.item.picture


def editions_up_to(edition: str) -> tuple[str, ...]:
    return EDITIONS[: EDITIONS.index(Edition(edition)) + 1]


def narrower(one: str, other: str) -> str:
    return max(one, other, key=lambda edition: EDITIONS.index(Edition(edition)))


def open_editions(person: Visitor, community: Community) -> tuple[str, ...]:
    return tuple(one for one in EDITIONS if may_see_audience(person, community, one))


def sources_of(items: Iterable[IssueItem]) -> dict[str, Source]:
    """What the items tell about. One that is cancelled, withdrawn or gone is not in here."""
    return look_up({item.source for item in items if item.source})


def blocks_for(
    issue: NewsletterIssue,
    editions: Collection[str],
    *,
    in_full: bool = False,
    with_unasked: bool = False,
) -> list[Block]:
    """What readers of these editions see. The source is asked again each time: what was public
    when the draft was made may be for members now, or gone.

    `in_full`: the reader is signed in and may see it all, so nothing is a mere teaser.
    `with_unasked`: for the editors' eyes, spotlights too on people who have not said yes (CO1).
    """
    rows = issue.items.filter(is_included=True).select_related("picture", "person")
    items = list(rows.defer("picture__content").order_by("position", "pk"))
    sources = sources_of(items)
    if not with_unasked:
        items = _agreed(issue, items)
    blocks = []
    for item in items:
        source = sources.get(item.source)
        if item.source and source is None:
            continue
        edition = narrower(item.edition, source.edition) if source else item.edition
        if edition in editions:
            public = edition == Edition.PUBLIC
            teaser = not public and not in_full
            url = _url(issue, item, is_teaser=teaser)
            blocks.append(Block(item, _as_told(issue, item, source), public, teaser, url))
    return blocks


def _agreed(issue: NewsletterIssue, items: list[IssueItem]) -> list[IssueItem]:
    """Without the spotlights whose person has not said yes, or took it back."""
    if not any(item.kind == IssueItem.Kind.SPOTLIGHT for item in items):
        return items
    yes = issue.named_people.filter(answer=NamedPerson.Answer.YES)
    agreed = set(yes.values_list("person_id", flat=True))
    return [
        item for item in items if item.kind != IssueItem.Kind.SPOTLIGHT or item.person_id in agreed
    ]


def _as_told(issue: NewsletterIssue, item: IssueItem, source: Source | None) -> Source | None:
    """What has left says when the meeting was to be then, wherever it has moved since (N8)."""
    if source is None or item.starts_at is None or issue.state not in issue.LEFT:
        return source
    return replace(source, starts_at=item.starts_at, ends_at=item.ends_at, zone=item.zone)


def _url(issue: NewsletterIssue, item: IssueItem, *, is_teaser: bool) -> str:
    """A members' own text has no page but the issue itself."""
    path = item.path or (issue.get_absolute_url() if is_teaser else "")
    return absolute(path) if path.startswith("/") else path
