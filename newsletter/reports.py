"""What became of an issue, in numbers. No person is in them, and nobody's reading is watched.

While an issue is open the numbers are counted anew; with its closing they are frozen.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef

from library.importing.columns import guard
from newsletter.deliveries import batches_of
from newsletter.models import NewsletterIssue
from outbox.models import Consent, Delivery, MailEvent, MailingList

State = Delivery.State
# Bounces, complaints and goodbyes of so long count as an answer to it.
COUNTS_FOR = timedelta(days=7)
# Why a mail failed -> whose trouble it was.
CAUSES = {
    "bad address": "hard",
    "mailbox full": "soft",
    "the server did not take it for two days": "soft",
    "refused": "refused",
    "policy": "ours",
    "not built": "ours",
}
BY_EVENT = {MailEvent.Kind.HARD_BOUNCE.value: "hard", MailEvent.Kind.SOFT_BOUNCE.value: "soft"}
BOUNCED = ("hard", "soft", "refused", "ours")
# How a goodbye came about that began in the mail itself.
FROM_THE_MAIL = ("mail link", "by mail")
Report = dict[str, Any]


def report_of(issue: NewsletterIssue, *, now: datetime) -> Report:
    """The frozen report of a closed issue, else the numbers of this moment. A few queries."""
    if issue.state == NewsletterIssue.State.CLOSED and issue.report:
        return issue.report
    until = min(now, issue.sent_at + COUNTS_FOR) if issue.sent_at else now
    batches = {one.pk: one.key.rpartition(":")[2] for one in batches_of(issue)}
    rows = list(_counted(batches, until))
    report = _totals(rows)
    report["left_out"] = dict(Counter(report["left_out"]) + Counter(issue.not_sent_to))
    report |= _after(issue, until)
    report["editions"] = _split(rows, lambda row: batches[row["batch"]])
    report["languages"] = _split(rows, lambda row: row["language"])
    report["links"] = _links(issue)
    report["counted_until"] = until.isoformat()
    if issue.recipients_then is not None and not batches:
        report["recipients"] = issue.recipients_then
    return report | _shares(report)


def _counted(batches: dict[int, str], until: datetime) -> Iterator[dict[str, Any]]:
    """Mails by edition, language, state and reason, and how many of those sent came back."""
    rows = Delivery.objects.filter(batch__in=batches).order_by()
    events = MailEvent.objects.filter(delivery=OuterRef("pk"), at__lte=until)
    for kind in BY_EVENT:
        rows = rows.annotate(**{kind: Exists(events.filter(kind=kind))})
    columns = ("batch", "language", "state", "reason", *BY_EVENT)
    yield from rows.values(*columns).annotate(n=Count("pk"))


def _totals(rows: list[dict[str, Any]]) -> Report:
    states: Counter[str] = Counter()
    bounced: Counter[str] = Counter(dict.fromkeys(BOUNCED, 0))
    left_out: Counter[str] = Counter()
    for row in rows:
        states[row["state"]] += row["n"]
        cause = _cause(row)
        if cause:
            bounced[cause] += row["n"]
        if row["state"] == State.SKIPPED:
            left_out[row["reason"]] += row["n"]
    # Those it was meant for when their turn came.
    recipients = sum(states.values()) - states[State.SKIPPED]
    waiting = sum(states[one] for one in (State.QUEUED, State.CLAIMED, State.PAUSED))
    came_back = sum(_came_back(row) for row in rows)
    return {
        "recipients": recipients,
        "delivered": states[State.SENT] - came_back,
        "bounced": dict(bounced),
        "bounced_total": bounced.total(),
        "uncertain": states[State.UNCERTAIN],
        "stopped": states[State.CANCELLED],
        "waiting": waiting,
        "left_out": dict(left_out),
    }


def _came_back(row: dict[str, Any]) -> int:
    is_back = row["state"] == State.SENT and any(row[kind] for kind in BY_EVENT)
    return row["n"] if is_back else 0


def _cause(row: dict[str, Any]) -> str:
    """Why these were not delivered; empty for those that were, or were not tried."""
    if row["state"] == State.FAILED:
        return CAUSES.get(row["reason"], "refused")
    if _came_back(row):
        return next(cause for kind, cause in BY_EVENT.items() if row[kind])
    return ""


def _after(issue: NewsletterIssue, until: datetime) -> Report:
    """What people did in the week after: goodbyes and complaints, as numbers."""
    if issue.sent_at is None:
        return {"unsubscribed": 0, "unsubscribed_by_link": 0, "complaints": 0}
    goodbyes = Consent.objects.filter(
        mailing_list__scope=issue.community.public_id,
        mailing_list__kind=MailingList.Kind.NEWSLETTER,
        given=False,
        at__gte=issue.sent_at,
        at__lte=until,
    ).exclude(source="complaint")
    by_source = (
        goodbyes.order_by().values_list("source").annotate(n=Count("address_hash", distinct=True))
    )
    sources: Counter[str] = Counter(dict(by_source))
    complaints = MailEvent.objects.filter(
        delivery__batch__in=batches_of(issue).values("pk"),
        kind=MailEvent.Kind.COMPLAINT,
        at__lte=until,
    )
    return {
        "unsubscribed": sources.total(),
        "unsubscribed_by_link": sum(sources[one] for one in FROM_THE_MAIL),
        # A number, never who.
        "complaints": complaints.values("delivery").distinct().count(),
    }


def _split(rows: list[dict[str, Any]], name: Any) -> dict[str, dict[str, int]]:  # noqa: ANN401
    """How many were to get it and how many got it, by edition or language."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        part = found.setdefault(name(row), {"recipients": 0, "delivered": 0})
        part["recipients"] += row["n"] if row["state"] != State.SKIPPED else 0
        if row["state"] == State.SENT:
            part["delivered"] += row["n"] - _came_back(row)
    return found


def _links(issue: NewsletterIssue) -> list[dict[str, Any]]:
    rows = issue.links.order_by("-clicks", "pk").values("label", "url", "clicks")
    return [dict(row) for row in rows]


def _shares(report: Report) -> Report:
    """Percentages with one place; of nothing there are none."""
    recipients, delivered = report["recipients"], report["delivered"]

    def share(part: int, whole: int) -> float | None:
        return round(100 * part / whole, 1) if whole else None

    return {
        "clicks": sum(link["clicks"] for link in report["links"]),
        "delivered_share": share(delivered, recipients),
        "bounced_share": share(report["bounced_total"], recipients),
        "unsubscribed_share": share(report["unsubscribed"], delivered),
        "complaints_share": share(report["complaints"], delivered),
    }


def table_of(lines: list[tuple[str, object, object]]) -> Iterator[list[str]]:
    """The rows of a table for download: no cell that a spreadsheet would take for a formula."""
    for line in lines:
        yield [guard(cell) for cell in line]
