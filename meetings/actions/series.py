from datetime import date

from django.db import transaction

from cop.core.audit import record
from meetings.models import Meeting, MeetingSeries
from members.models import Stream, User

KIND = {
    Stream.Kind.LEARN: Meeting.Kind.LEARNING,
    Stream.Kind.SHARE: Meeting.Kind.DIALOGUE,
    Stream.Kind.BUILD: Meeting.Kind.WORKING_GROUP,
}


@transaction.atomic
def make_series_drafts(
    *, series: MeetingSeries, after: date, by: User, months: int = 12
) -> list[Meeting]:
    """The drafts of the coming months, one a slot. A second run makes only what is missing.

    A slot counts as used wherever its meeting was moved to, and also when it was cancelled.
    """
    stream = series.stream
    # Locked, so that two coordinators at once do not both find the slots empty.
    MeetingSeries.objects.select_for_update().get(pk=series.pk)
    slots = open_slots(series=series, after=after, months=months)
    drafts = [_draft(series, day) for day in slots]
    Meeting.objects.bulk_create(drafts)
    if drafts:
        scope = stream.community.public_id
        record("series_drafts_made", series, by=by, scope=scope, new=str(len(drafts)))
    return drafts


def open_slots(*, series: MeetingSeries, after: date, months: int = 12) -> list[date]:
    """The days that have no meeting of the series yet."""
    slots = _slots(series, after, months)
    rows = Meeting.objects.filter(series=series, series_slot__in=slots)
    used = set(rows.values_list("series_slot", flat=True))
    return [day for day in slots if day not in used]


def _slots(series: MeetingSeries, after: date, months: int) -> list[date]:
    """After this day, up to the same day `months` later."""
    first = after.year * 12 + after.month - 1
    found = []
    for number in range(first, first + months + 1):
        day = series.slot_in(number // 12, number % 12 + 1)
        if day and (first, after.day) < (number, day.day) <= (first + months, after.day):
            found.append(day)
    return found


def _draft(series: MeetingSeries, day: date) -> Meeting:
    meeting = Meeting(
        community=series.stream.community,
        stream=series.stream,
        series=series,
        series_slot=day,
        title=series.title,
        kind=KIND.get(Stream.Kind(series.stream.kind), Meeting.Kind.LEARNING),
        local_date=day,
        local_time=series.local_time,
        timezone=series.timezone,
        duration=series.duration,
        audience=series.audience,
        state=Meeting.State.DRAFT,
    )
    meeting.derive_instants()
    return meeting
