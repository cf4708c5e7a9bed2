"""What a draft costs over two months of a very large community: seconds and statements."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

MEETINGS, RESOURCES, MEMBERS = 5_000, 20_000, 50_000
NOW = datetime(2027, 1, 5, 17, tzinfo=UTC)


def measure() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from newsletter.actions import make_draft

    issue = _issue()
    started = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        count = make_draft(issue=issue, now=NOW)
    took = time.perf_counter() - started
    frame = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    statements = [one for one in captured if not one["sql"].startswith(frame)]
    print(
        f"a draft over {MEETINGS:,} meetings, {RESOURCES:,} resources, {MEMBERS:,} members: "
        f"{took:.2f} s, {len(statements)} statements, {count} items"
    )


def _issue() -> Any:  # noqa: ANN401
    from django.db import connection

    from members.models import Community
    from newsletter.models import NewsletterIssue

    community = Community.objects.create(
        slug="vast", name="Vast", short_name="Vast", purpose="x", status="open",
        languages=["en"], admission_policy="open",
    )  # fmt: skip
    _people(community)
    _meetings(community)
    _resources(community)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return NewsletterIssue.objects.create(
        community=community, number=1, period_from=date(2026, 11, 1), period_to=date(2027, 1, 15),
        send_on=date(2027, 1, 19),
    )  # fmt: skip


def _people(community: Any) -> None:  # noqa: ANN401
    from members.models import Membership, User

    people = User.objects.bulk_create(
        (
            User(email=f"vast{number}@people.example", display_name=f"Vast {number}")
            for number in range(MEMBERS)
        ),
        batch_size=2000,
    )
    Membership.objects.bulk_create(
        (
            Membership(
                community=community, person=one, category="member", state="active",
                joined_on=date(2026, 11, 20),
            )
            for one in people
        ),
        batch_size=2000,
    )  # fmt: skip


def _meetings(community: Any) -> None:  # noqa: ANN401
    from meetings.models import Meeting

    rows = []
    for number in range(MEETINGS):
        starts = NOW + timedelta(minutes=20 * (number - MEETINGS // 2))
        is_over = starts < NOW - timedelta(hours=2)
        rows.append(
            Meeting(
                community=community, title=f"Meeting {number}", description="Words. " * 80,
                state="held" if is_over else "scheduled", local_date=starts.date(),
                local_time=starts.time(), starts_at=starts, ends_at=starts + timedelta(hours=1),
                timezone="UTC", duration=60, audience="public",
            )
        )  # fmt: skip
    Meeting.objects.bulk_create(rows, batch_size=1000)


def _resources(community: Any) -> None:  # noqa: ANN401
    from library.models import Resource

    Resource.objects.bulk_create(
        (
            Resource(
                community=community, kind="tool", title=f"Card {number} {uuid4().hex[:6]}",
                summary="Words. " * 80, url="https://tools.example/", state="published",
                visibility="public", published_at=NOW - timedelta(minutes=3 * number),
            )
            for number in range(RESOURCES)
        ),
        batch_size=1000,
    )  # fmt: skip
