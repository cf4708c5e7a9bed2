"""Meetings that come, and what those left behind that took place."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from meetings.models import Meeting, MeetingNotes
from members.models import Community
from newsletter.models import IssueItem
from newsletter.sources.base import (
    Candidate,
    Gathered,
    Line,
    News,
    Source,
    Span,
    first,
    in_language,
    opening_words,
)

NAME = "meeting"
Kind, Edition = IssueItem.Kind, IssueItem.Edition
MOST_COMING, MOST_HELD = 6, 10
# Meetings have a word of their own for the narrowest audience.
EDITION = {"members_only": Edition.MEMBERS}


def edition_of(meeting: Meeting) -> str:
    return EDITION.get(meeting.audience, meeting.audience)


def candidates(span: Span) -> Gathered:
    rows = Meeting.objects.published().filter(community=span.community)
    rows = rows.exclude(kind=Meeting.Kind.WORKING_GROUP)
    coming, more = first(_coming(rows, span), MOST_COMING)
    held, older = first(_held(rows, span), MOST_HELD)
    held.sort(key=lambda meeting: (meeting.starts_at, meeting.pk))
    found = [_candidate(span, one, Kind.MEETING_NEXT) for one in coming]
    found += [_candidate(span, one, Kind.MEETING_RECAP) for one in held]
    return Gathered(found, more + older)


def _coming(rows: QuerySet[Meeting], span: Span) -> QuerySet[Meeting]:
    rows = rows.upcoming(span.now).filter(local_date__lte=span.until)
    rows = rows.exclude(public_id__in=span.told_of(Kind.MEETING_NEXT, NAME))
    return rows.order_by("starts_at", "pk")


def _held(rows: QuerySet[Meeting], span: Span) -> QuerySet[Meeting]:
    """The latest first: where there is no room, what is longest ago stays out."""
    rows = rows.past(span.now).filter(ends_at__gte=span.since)
    rows = rows.exclude(public_id__in=span.told_of(Kind.MEETING_RECAP, NAME))
    return rows.select_related("notes").order_by("-starts_at", "-pk")


def _candidate(span: Span, meeting: Meeting, kind: str) -> Candidate:
    meeting.community = span.community
    is_coming = kind == Kind.MEETING_NEXT
    text = opening_words(meeting.description) if is_coming else _recap(meeting)
    ahead, over = _("Takes place before the next issue"), _("Took place since the last issue")
    return Candidate(
        kind=kind,
        source=f"{NAME}:{meeting.public_id}",
        path=meeting.get_absolute_url(),
        edition=edition_of(meeting),
        why=ahead if is_coming else over,
        **in_language(meeting.language, meeting.title, text),
    )


def _recap(meeting: Meeting) -> str:
    """What the holder let go of, for those inside: the notes of a public meeting are theirs too."""
    if edition_of(meeting) == Edition.PUBLIC:
        return ""
    notes: MeetingNotes | None = getattr(meeting, "notes", None)
    if notes is None or notes.state != MeetingNotes.State.PUBLISHED:
        return ""
    return opening_words(notes.may_share)


def look_up(public_ids: Collection[str]) -> dict[str, Source]:
    rows = Meeting.objects.published().filter(public_id__in=public_ids)
    rows = rows.exclude(state=Meeting.State.CANCELLED)
    return {
        row.public_id: Source(edition_of(row), row.starts_at, row.ends_at, row.timezone)
        for row in rows
    }


def news(community: Community, since: datetime, cut: datetime) -> Iterator[News]:
    """Announced or changed meetings by their day, and what meetings left behind."""
    rows = Meeting.objects.filter(
        Q(state=Meeting.State.SCHEDULED, starts_at__gt=cut) | Q(state=Meeting.State.WRAPPED),
        community=community,
        updated_at__gte=since,
        updated_at__lt=cut,
    ).exclude(kind=Meeting.Kind.WORKING_GROUP)
    # "scheduled" comes before "wrapped".
    for meeting in rows.order_by(F("state"), "starts_at", "pk"):
        meeting.community = community
        is_coming = meeting.state == Meeting.State.SCHEDULED
        when = (meeting.starts_at, meeting.ends_at) if is_coming else (None, None)
        line = Line(
            "meeting" if is_coming else "recap", meeting.title, meeting.get_absolute_url(), *when
        )
        yield News(line, meeting.updated_at, edition_of(meeting))
