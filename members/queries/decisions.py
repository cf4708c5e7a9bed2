"""How a community decides, in numbers: for its staff, and with small ones hidden for funders."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from cop.core.models import AuditEvent
from members.models import Appeal, Community, InformationRequest, MembershipApplication, User
from members.queries.appeals import APPEAL_WITHIN

State = MembershipApplication.State
# Declined once, whatever a panel said to it later.
DECLINED = (State.DECLINED, State.APPEALED, State.APPEAL_UPHELD, State.APPEAL_DISMISSED)
DECIDED = (State.APPROVED, *DECLINED)
PANEL_STATES = (Appeal.State.UPHELD, Appeal.State.DISMISSED, Appeal.State.RETURNED)


@dataclass(frozen=True)
class Decisions:
    """Whole numbers of one community and period. Days are those of the community's own clock."""

    applications: int
    requests: int
    approved: int
    approved_by_rule: int
    declined: int
    appeals: int
    appeals_decided: int
    upheld: int
    # From arrival to the first decision, by people; None where there was none.
    median_days: float | None
    timed: int
    declined_by_code: dict[str, int] = field(default_factory=dict)

    @property
    def upheld_share(self) -> int | None:
        """Of a hundred decided appeals."""
        return round(100 * self.upheld / self.appeals_decided) if self.appeals_decided else None


@dataclass(frozen=True)
class ShownDecisions:
    """The same in words, for eyes outside: what is small stands as "<5"."""

    applications: str
    requests: str
    approved: str
    approved_by_rule: str
    declined: str
    appeals: str
    upheld_share: str
    median_days: str
    declined_by_code: dict[str, str] = field(default_factory=dict)


def count_decisions(community: Community, start: date, end: date) -> Decisions:
    """`start` and `end`: the first and the last day. A constant number of queries."""
    zone = ZoneInfo(community.timezone)
    begin = datetime.combine(start, time.min, tzinfo=zone)
    over = datetime.combine(end + timedelta(days=1), time.min, tzinfo=zone)
    span = (begin, over)
    rows = [
        (state, codes, is_automatic, submitted.astimezone(zone).date(), day)
        for state, codes, is_automatic, submitted, day in _decided(community, zone)
        if start <= day <= end
    ]
    days = [(day - submitted).days for _s, _c, by_rule, submitted, day in rows if not by_rule]
    declined = [codes for state, codes, _a, _d, _e in rows if state in DECLINED]
    appeals = Appeal.objects.filter(application__community=community)
    decided = appeals.filter(state__in=PANEL_STATES, **_within("decided_at", span))
    return Decisions(
        applications=community.applications.filter(**_within("submitted_at", span)).count(),
        requests=InformationRequest.objects.filter(
            application__community=community, **_within("asked_at", span)
        ).count(),
        approved=sum(state == State.APPROVED for state, *_rest in rows),
        approved_by_rule=sum(by_rule for _s, _c, by_rule, _d, _e in rows),
        declined=len(declined),
        declined_by_code=dict(Counter(code for codes in declined for code in codes).most_common()),
        appeals=appeals.filter(**_within("opened_at", span)).count(),
        appeals_decided=decided.count(),
        upheld=decided.filter(state=Appeal.State.UPHELD).count(),
        median_days=median(days) if days else None,
        timed=len(days),
    )


def _within(name: str, span: tuple[datetime, datetime]) -> dict[str, datetime]:
    return {f"{name}__gte": span[0], f"{name}__lt": span[1]}


def _decided(
    community: Community, zone: ZoneInfo
) -> list[tuple[str, list[str], bool, datetime, date]]:
    """State, codes, by rule, arrival and the day of the first decision."""
    rows = community.applications.filter(state__in=DECIDED, decided_at__isnull=False)
    values = rows.values_list(
        "state", "reason_codes", "is_automatic", "submitted_at", "decided_at", "appeal_by"
    )
    return [
        (
            state,
            codes,
            is_automatic,
            submitted,
            # A panel's decision moves `decided_at`; the last day to appeal tells of the first one.
            appeal_by - APPEAL_WITHIN if appeal_by else decided_at.astimezone(zone).date(),
        )
        for state, codes, is_automatic, submitted, decided_at, appeal_by in values.iterator()
    ]


def hide_small(counts: Decisions, least: int) -> ShownDecisions:
    """For funders: nothing that few people make up, nor what could be told by subtraction."""

    def shown(number: int) -> str:
        return str(number) if number >= least else f"<{least}"

    others = counts.appeals_decided - counts.upheld
    share = counts.upheld_share if min(counts.upheld, others) >= least else None
    timed = counts.median_days if counts.timed >= least else None
    approved_by_people = counts.approved - counts.approved_by_rule
    by_rule_tells = approved_by_people < least
    return ShownDecisions(
        applications=shown(counts.applications),
        requests=shown(counts.requests),
        approved=shown(counts.approved),
        approved_by_rule=f"<{least}" if by_rule_tells else shown(counts.approved_by_rule),
        declined=shown(counts.declined),
        appeals=shown(counts.appeals),
        upheld_share=f"{share} %" if share is not None else "–",
        median_days=f"{timed:g}" if timed is not None else "–",
        declined_by_code=_hide_codes(counts.declined_by_code, least),
    )


def _hide_codes(numbers: dict[str, int], least: int) -> dict[str, str]:
    small = {code for code, number in numbers.items() if number < least}
    if len(small) == 1 and len(numbers) > 1:
        # One alone could be told from the sum: the next smallest goes with it.
        rest = [code for code in numbers if code not in small]
        small.add(min(rest, key=lambda code: numbers[code]))
    return {code: "–" if code in small else str(number) for code, number in numbers.items()}


def appealed_decisions_of(person: User, communities: QuerySet[Community]) -> QuerySet[Appeal]:
    """What panels said to this reviewer's own declines: to learn from, not to be counted."""
    mine = AuditEvent.objects.filter(
        actor=person,
        action="application_declined",
        object_type=MembershipApplication._meta.label_lower,
    )
    rows = Appeal.objects.filter(
        Q(application__public_id__in=mine.values("object_id")) | Q(application__reviewer=person),
        application__community__in=communities,
        state__in=PANEL_STATES,
    )
    return rows.select_related("application__community", "application__organization").order_by(
        "-decided_at", "-pk"
    )
