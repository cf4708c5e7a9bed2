"""A vote on three topics and more, and who votes in it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from meetings.actions.ballots import confirm_ballot, draft_ballot
from meetings.actions.casting import cast_paper
from meetings.models import Ballot, BallotPaper, TopicProposal
from members.models import Community, User

DAYS = timedelta(days=1)
TITLES = ("Nights alone", "Board trouble", "First inspection")


def make_topics(
    community: Community, titles: Sequence[str] = TITLES, **fields: Any
) -> list[TopicProposal]:
    first = fields.pop("proposed_at", timezone.now() - 90 * DAYS)
    return [
        TopicProposal.objects.create(
            community=community, title=title, state="open",
            proposed_at=first + timedelta(hours=number), **fields,
        )
        for number, title in enumerate(titles)
    ]  # fmt: skip


def make_draft(
    community: Community, by: User, topics: Sequence[TopicProposal] = (), **fields: Any
) -> Ballot:
    now = fields.pop("now", timezone.now())
    values = {
        "title": "January to March", "opens_at": now, "closes_at": now + 10 * DAYS, "seats": 2,
    } | fields  # fmt: skip
    ballot = Ballot(community=community, **values)
    return draft_ballot(ballot=ballot, topics=topics or make_topics(community), by=by)


def make_open(community: Community, by: User, topics: Any = (), **fields: Any) -> Ballot:
    now = fields.pop("now", timezone.now())
    ballot = make_draft(community, by, topics, now=now, **fields)
    return confirm_ballot(ballot=ballot, by=by, now=now)


def paper(ballot: Ballot, person: User) -> BallotPaper:
    return BallotPaper.objects.select_related("ballot__community", "person").get(
        ballot=ballot, person=person
    )


def options(ballot: Ballot) -> list[int]:
    return list(ballot.options.order_by("order").values_list("pk", flat=True))


def vote(
    ballot: Ballot,
    person: User,
    *dots: int,
    now: datetime | None = None,
    version: int | None = None,
) -> BallotPaper:
    """`vote(ballot, dani, 2, 1)`: two dots for the first topic and one for the second."""
    row = paper(ballot, person)
    marks = dict(zip(options(ballot), dots, strict=False))
    return cast_paper(
        paper=row, dots=marks, version=row.version if version is None else version,
        now=now or timezone.now(),
    )  # fmt: skip
