import logging
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from cop.core.time import say_date, to_instant
from library.models import Resource
from meetings.models import Meeting
from members.models import Community, User
from members.models.communities import current_grant
from newsletter.calendar import add_months, first_period, next_period
from newsletter.emails import queue_draft_ready
from newsletter.models import IssueItem, NewsletterIssue
from newsletter.queries import FROM_MEETING, sources_of
from newsletter.rules import EDITOR_ROLES, check_editor, holds_secret_link, join_links

logger = logging.getLogger(__name__)
State, Kind = NewsletterIssue.State, IssueItem.Kind
DRAFT_DAYS = timedelta(days=14)
WORDS = 45
STEP = 10


def make_due_drafts(*, now: datetime) -> int:
    """For each community: the next issue exists, and 14 days ahead its draft is made. Nothing is
    ever sent from here. Safe to repeat. Returns how many drafts were made."""
    made = 0
    for community in Community.objects.public().order_by("pk"):
        if not community.is_writing or not community.newsletter_interval_months:
            continue
        try:
            made += _draft_what_is_due(community, now=now)
        except Exception:  # one community's trouble must not stop the others
            logger.exception("draft_failed", extra={"community": community.public_id})
    return made


def _draft_what_is_due(community: Community, *, now: datetime) -> int:
    today = now.astimezone(ZoneInfo(community.timezone)).date()
    _ensure_next_issue(community, today)
    due = community.issues.filter(state=State.COLLECTING, send_on__lte=today + DRAFT_DAYS)
    return sum(_draft_by_the_clock(one, today=today, now=now) for one in due.order_by("number"))


def _ensure_next_issue(community: Community, today: date) -> None:
    """The issue after the last, once that one has left or its day has gone by."""
    last = community.issues.order_by("-number").first()
    months = community.newsletter_interval_months
    if last is None:
        period = first_period(today, months=months, programme_start=community.programme_start)
    elif last.is_editable and last.send_on >= today:
        return
    else:
        period = next_period(last.period_to, last.send_on, months=months, today=today)
    issue = NewsletterIssue(
        community=community,
        number=last.number + 1 if last else 1,
        period_from=period.period_from,
        period_to=period.period_to,
        send_on=period.send_on,
    )
    # Two clocks may come here at once: the unique number lets one of them in.
    NewsletterIssue.objects.bulk_create([issue], ignore_conflicts=True)


@transaction.atomic
def _draft_by_the_clock(issue: NewsletterIssue, *, today: date, now: datetime) -> bool:
    locked = _lock(issue)
    if locked.state != State.COLLECTING:
        return False
    make_draft(issue=locked, now=now)
    count = locked.items.filter(is_included=True).count()
    for person in _editors(locked.community, today):
        queue_draft_ready(locked, person, item_count=count, is_late=locked.send_on < today)
    return True


def _editors(community: Community, today: date) -> QuerySet[User]:
    grants = community.role_grants.filter(current_grant(on=today), role__in=EDITOR_ROLES)
    people = User.objects.filter(pk__in=grants.values("person"), is_active=True)
    return people.order_by("pk")


def _lock(issue: NewsletterIssue) -> NewsletterIssue:
    rows = NewsletterIssue.objects.select_related("community")
    return rows.select_for_update(of=("self",)).get(pk=issue.pk)


@transaction.atomic
def make_draft(*, issue: NewsletterIssue, now: datetime, by: User | None = None) -> int:
    """Add what happened since the last issue and is not in yet; what people wrote stays.

    Repeating it adds nothing twice. Returns how many items are new. `by=None`: the clock.
    """
    issue = _lock(issue)
    if by is not None:
        check_editor(by, issue.community)
    if not issue.is_editable:
        raise ActionError(_("This issue has left already. What is new goes into the next one."))
    language = next(iter(issue.community.languages), "en")
    with translation.override(language):
        turn_past_meetings(issue, now=now)
        new = _new_items(issue, now=now)
        first_time = issue.drafted_at is None
        if first_time and not issue.subject:
            issue.subject = (_("News from %(name)s") % {"name": issue.community})[:160]
    IssueItem.objects.bulk_create(new)
    if new or first_time:
        old, issue.drafted_at, issue.version = issue.state, now, issue.version + 1
        if issue.state != State.HELD:
            issue.state = State.DRAFT
            issue.approved_by = None
        issue.save(update_fields=["drafted_at", "version", "state", "subject", "approved_by"])
        scope = issue.community.public_id
        audit.record("issue_drafted", issue, by=by, scope=scope, old=old, new=issue.state)
    return len(new)


def turn_past_meetings(issue: NewsletterIssue, *, now: datetime) -> None:
    """A meeting that was still to come when the draft was made has taken place since."""
    coming = list(issue.items.filter(kind=Kind.MEETING_NEXT))
    over = {name for name, it in sources_of(coming).items() if it.ends_at and it.ends_at <= now}
    issue.items.filter(kind=Kind.MEETING_NEXT, source__in=over).update(
        kind=Kind.MEETING_RECAP, why=_("Took place since the draft was made")
    )


def _new_items(issue: NewsletterIssue, *, now: datetime) -> list[IssueItem]:
    known = set(issue.items.exclude(source="").values_list("source", flat=True))
    # Held issues count as not written: the next one takes their items along.
    others = IssueItem.objects.filter(issue__community=issue.community, is_included=True)
    others = others.exclude(issue=issue).exclude(issue__state=State.HELD).exclude(source="")
    told = set(others.values_list("kind", "source"))
    joins = join_links(issue.community)
    position = issue.items.aggregate(last=Max("position"))["last"] or 0
    items = []
    for item in _candidates(issue, now=now):
        if item.source in known or (item.kind, item.source) in told:
            continue
        position += STEP
        item.position = position
        if holds_secret_link(item.text, joins):
            item.text = ""
        items.append(item)
    return items


def _candidates(issue: NewsletterIssue, *, now: datetime) -> list[IssueItem]:
    since = _since(issue)
    until = add_months(issue.send_on, issue.community.newsletter_interval_months)
    meetings = Meeting.objects.published().filter(community=issue.community)
    meetings = meetings.exclude(kind=Meeting.Kind.WORKING_GROUP).order_by("starts_at", "pk")
    coming = meetings.upcoming(now).filter(local_date__lte=until)
    held = meetings.past(now).filter(ends_at__gte=since)
    resources = Resource.objects.published().filter(
        community=issue.community, published_at__gte=since, published_at__lte=now
    )
    return [
        *(_from_meeting(issue, one, Kind.MEETING_NEXT) for one in coming),
        *(_from_meeting(issue, one, Kind.MEETING_RECAP) for one in held),
        *(_from_resource(issue, one) for one in resources.order_by("published_at", "pk")),
    ]


def _since(issue: NewsletterIssue) -> datetime:
    """The start of the day after the last issue that was sent, else of this issue's period."""
    before = issue.community.issues.filter(number__lt=issue.number)
    sent = before.filter(state__in=[State.SENDING, State.SENT, State.CLOSED])
    last = sent.aggregate(last=Max("period_to"))["last"]
    first_day = last + timedelta(days=1) if last else issue.period_from
    return to_instant(first_day, time.min, issue.community.timezone)


def _from_meeting(issue: NewsletterIssue, meeting: Meeting, kind: str) -> IssueItem:
    meeting.community = issue.community
    coming = kind == Kind.MEETING_NEXT
    ahead, over = _("Takes place before the next issue"), _("Took place since the last issue")
    return IssueItem(
        issue=issue,
        kind=kind,
        title=meeting.title,
        text=Truncator(meeting.description).words(WORDS) if coming else "",
        path=meeting.get_absolute_url(),
        edition=FROM_MEETING.get(meeting.audience, meeting.audience),
        why=ahead if coming else over,
        source=f"meeting:{meeting.public_id}",
    )


def _from_resource(issue: NewsletterIssue, resource: Resource) -> IssueItem:
    resource.community = issue.community
    day = say_date(resource.published_at, issue.community.timezone)
    return IssueItem(
        issue=issue,
        kind=Kind.NEW_RESOURCE,
        title=resource.title,
        text=Truncator(resource.summary).words(WORDS),
        path=resource.get_absolute_url(),
        edition=resource.visibility,
        why=_("Published in the library on %(day)s") % {"day": day},
        source=f"resource:{resource.public_id}",
    )
