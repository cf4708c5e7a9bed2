"""One line of the board by its name, for the page that asks once more and for the answer."""

from datetime import datetime

from django.db.models import Count, Max, Min, Model, Q
from django.http import Http404

from cop.outgoing.lines import OPEN_STATES, Line, Progress
from cop.outgoing.scope import Desk, source_url, sources_of
from meetings.models import Meeting, Rsvp
from outbox.models import Delivery, MailBatch, MailHold, Purpose


def read_line(scope: str, prefix: str, desk: Desk, *, now: datetime) -> Line:
    """What waits under this name at this moment. 404 where the name means nothing here."""
    rows = Delivery.objects.filter(scope=scope, state__in=OPEN_STATES)
    rows = rows.exclude(purpose=Purpose.SECURITY)
    rows = rows.filter(key__startswith=prefix) if prefix else rows.filter(reason="restored copy")
    found = rows.aggregate(n=Count("pk"), first=Min("due_at"), last=Max("due_at"), kind=Min("kind"))
    held = rows.filter(state=Delivery.State.PAUSED).values_list("reason", flat=True).first()
    source = sources_of([prefix]).get(prefix) if prefix else None
    coming = _coming(source) if prefix.startswith("reminder:") else 0
    # A fact of another community is none of this one's business.
    community = desk.by_scope.get(scope)
    if source is not None and (community is None or source.community_id != community.pk):
        raise Http404
    hold = MailHold.objects.filter(scope=scope, prefix=prefix).first()
    batches = MailBatch.objects.filter(
        Q(key__startswith=prefix) | Q(key=prefix.removesuffix(":")), mailing_list__scope=scope
    )
    has_batch = bool(prefix) and batches.exists()
    is_stopped = hold is not None and hold.action == MailHold.Action.CANCEL
    is_held = held or (hold and not is_stopped)
    return Line(
        scope=scope,
        prefix=prefix,
        kind=found["kind"] or prefix.split(":")[0],
        state="stopped" if is_stopped else "held" if is_held else "waiting",
        count=max(found["n"], coming),
        at=found["first"] or now,
        last_at=found["last"],
        on=found["first"] or now,
        reason=held or "",
        source=source,
        community=community,
        url=source_url(source, desk),
        progress=Progress(waiting=found["n"]) if has_batch else None,
    )


def _coming(meeting: Model | None) -> int:
    """Whom the reminders of a meeting will go to, queued already or not."""
    if not isinstance(meeting, Meeting):
        return 0
    return meeting.rsvps.filter(state=Rsvp.State.GOING).still_admitted().count()
