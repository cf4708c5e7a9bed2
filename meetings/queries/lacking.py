"""The same lacks as in `readiness`, asked of many meetings at once, for the filters of a list."""

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from meetings.models import AgendaStep, Meeting, MeetingRole, Part
from meetings.models.formats import ON_THE_SPOT

PLANNED = AgendaStep.objects.filter(meeting=OuterRef("pk")).order_by().values("meeting")


def without_full_agenda(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    minutes = Subquery(PLANNED.annotate(sum=Sum("minutes")).values("sum"))
    return meetings.annotate(planned=Coalesce(minutes, 0)).exclude(planned=F("duration"))


def without_a_role(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Where some part that the format asks for has nobody at all."""
    lacking = Q(pk__in=[])
    for part in Part:
        if part in {*ON_THE_SPOT, Part.COORDINATOR, Part.FACILITATOR}:
            continue
        filled = MeetingRole.objects.filter(
            part=part, state__in=MeetingRole.IN_FORCE, is_backup=False
        )
        lacking |= Q(format__roles__contains=[part]) & ~Q(pk__in=filled.values("meeting"))
    return meetings.filter(lacking)
