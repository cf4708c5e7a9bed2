"""Drafts: made by the clock 14 days ahead, or when somebody looks for news. Nothing leaves here."""

import logging
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from cop.core.text import localized
from cop.core.time import to_instant
from members.models import Community, User
from newsletter.actions.carrying import carry_over, look_back
from newsletter.actions.versions import keep_version
from newsletter.calendar import add_months, first_period, next_period
from newsletter.emails import queue_draft_ready
from newsletter.models import IssueItem, IssueVersion, NewsletterIssue
from newsletter.queries import sources_of
from newsletter.recipients import editors_of
from newsletter.rules import MAX_ITEMS, check_editor, holds_secret_link, join_links
from newsletter.sources import Span, gather
from newsletter.sources.base import Candidate

logger = logging.getLogger(__name__)
State, Kind = NewsletterIssue.State, IssueItem.Kind
DRAFT_DAYS = timedelta(days=14)
STEP = 10
# How many lines of "what was left out" the editors read.
MOST_LEFT_OUT = 30


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
    if _is_over(community, period.send_on, today):
        return
    issue = NewsletterIssue(
        community=community,
        number=last.number + 1 if last else 1,
        period_from=period.period_from,
        period_to=period.period_to,
        send_on=period.send_on,
    )
    # Two clocks may come here at once: the unique number lets one of them in.
    NewsletterIssue.objects.bulk_create([issue], ignore_conflicts=True)


def _is_over(community: Community, send_on: date, today: date) -> bool:
    """After its last day a community plans nothing, nor once its programme has ended."""
    if community.closes_on and send_on > community.closes_on:
        return True
    return bool(community.programme_end and today > community.programme_end)


@transaction.atomic
def _draft_by_the_clock(issue: NewsletterIssue, *, today: date, now: datetime) -> bool:
    locked = _lock(issue)
    if locked.state != State.COLLECTING:
        return False
    make_draft(issue=locked, now=now)
    count = locked.items.filter(is_included=True).count()
    for person in editors_of(locked.community, on=today):
        queue_draft_ready(locked, person, item_count=count, is_late=locked.send_on < today)
    return True


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
    first_time = issue.drafted_at is None
    before = look_back(issue)
    carried = carry_over(issue, before.held) if first_time else 0
    with translation.override(language):
        if carried or not first_time:
            turn_past_meetings(issue, now=now)
        new = _new_items(issue, since=before.since, now=now)
        if first_time:
            _name_it(issue)
    IssueItem.objects.bulk_create(new)
    if new or first_time:
        _note_draft(issue, by=by, now=now)
    return carried + len(new)


def _name_it(issue: NewsletterIssue) -> None:
    """A subject to begin with, in each language of the community."""
    if issue.subject or issue.subject_fr:
        return
    for code in issue.community.languages or ["en"]:
        with translation.override(code):
            name = localized(issue.community, "name", code)
            words = _("News from %(name)s") % {"name": name}
        setattr(issue, "subject_fr" if code == "fr" else "subject", words[:160])


def _note_draft(issue: NewsletterIssue, *, by: User | None, now: datetime) -> None:
    old, issue.drafted_at, issue.version = issue.state, now, issue.version + 1
    if issue.state != State.HELD:
        issue.state = State.DRAFT if by is None else State.EDITING
        issue.approved_by = issue.approved_at = issue.scheduled_at = issue.scheduled_by = None
    issue.save(
        update_fields=[
            "drafted_at", "version", "state", "subject", "subject_fr", "approved_by",
            "approved_at", "scheduled_at", "scheduled_by", "left_out", "more",
        ]
    )  # fmt: skip
    keep_version(issue, how=IssueVersion.How.DRAFTED, by=by, now=now)
    scope = issue.community.public_id
    audit.record("issue_drafted", issue, by=by, scope=scope, old=old, new=issue.state)


def turn_past_meetings(issue: NewsletterIssue, *, now: datetime) -> None:
    """A meeting that was still to come when the draft was made has taken place since."""
    coming = list(issue.items.filter(kind=Kind.MEETING_NEXT))
    over = {name for name, it in sources_of(coming).items() if it.ends_at and it.ends_at <= now}
    issue.items.filter(kind=Kind.MEETING_NEXT, source__in=over).update(
        kind=Kind.MEETING_RECAP, why=_("Took place since the draft was made")
    )


def _new_items(issue: NewsletterIssue, *, since: datetime, now: datetime) -> list[IssueItem]:
    rows = list(issue.items.values_list("source", "position"))
    known = {source for source, _position in rows if source}
    position = max((position for _source, position in rows), default=0)
    room = MAX_ITEMS - len(rows)
    gathered = gather(_span(issue, since=since, now=now))
    fresh = [one for one in gathered.candidates if one.source not in known]
    issue.more = gathered.more + max(0, len(fresh) - room)
    issue.left_out = _left_out(fresh[: max(0, room)])
    joins = join_links(issue.community)
    return [
        _item(issue, one, position + STEP * number, joins)
        for number, one in enumerate(fresh[: max(0, room)], start=1)
    ]


def _left_out(candidates: Iterable[Candidate]) -> list[dict[str, str]]:
    """For the editors: what not everybody will read, and why (N1)."""
    says = {
        IssueItem.Edition.MEMBERS: _("for members only: title and link in the members' edition"),
        IssueItem.Edition.MEMBERS_AND_ALLIES: _(
            "for members and allies: not in the edition for everybody"
        ),
    }
    rows = [
        {"title": one.title or one.title_fr, "why": str(says[one.edition])}
        for one in candidates
        if one.edition in says
    ]
    return rows[:MOST_LEFT_OUT]


def _item(issue: NewsletterIssue, one: Candidate, position: int, joins: set[str]) -> IssueItem:
    texts = {
        name: "" if holds_secret_link(getattr(one, name), joins) else getattr(one, name)
        for name in ("text", "text_fr")
    }
    return IssueItem(
        issue=issue,
        kind=one.kind,
        position=position,
        title=one.title[:160],
        title_fr=one.title_fr[:160],
        path=one.path,
        edition=one.edition,
        why=one.why[:160],
        source=one.source,
        **texts,
    )


def _span(issue: NewsletterIssue, *, since: datetime, now: datetime) -> Span:
    # Held issues count as not written: the next one takes their items along, unless they were
    # skipped for good.
    others = IssueItem.objects.filter(issue__community=issue.community, is_included=True)
    others = others.exclude(issue=issue).exclude(source="")
    others = others.exclude(issue__state=State.HELD, issue__carries_over=True)
    day = to_instant(issue.send_on, time.min, issue.community.timezone)
    months = issue.community.newsletter_interval_months
    return Span(
        community=issue.community,
        since=since,
        now=now,
        until=add_months(issue.send_on, months),
        leaves=max(now, day),
        told=frozenset(others.values_list("kind", "source")),
    )
