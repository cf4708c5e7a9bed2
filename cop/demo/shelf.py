"""The libraries of the demo: texts, links and real files, used by people, one set to begin with."""

from datetime import datetime, timedelta
from typing import Any

from cop.demo.dates import DemoCalendar, at
from cop.demo.documents import make_document
from library.actions import (
    link_translation,
    publish_resource,
    say_helped,
    say_used,
    submit_resource,
)
from library.models import Collection, CollectionItem, Resource
from meetings.models import Meeting
from members.models import Community, User

# Groups arrive with their own issue; what only a group may see waits for it.
LATER = {"group"}
PASSED_ON = ("min", "sensitivity", "rights", "used_where", "limits", "publisher", "edition",
             "is_external")  # fmt: skip
LABELS = {
    "community wisdom": "community_wisdom",
    "evaluated practice": "evaluated_practice",
    "evidence-based guidance": "evidence_based",
}
Rows = list[dict[str, Any]]


def make_resources(
    community: Community,
    rows: Rows,
    by: User,
    texts: dict[str, Any],
    days: DemoCalendar,
    meetings: dict[int, Meeting] | None = None,
    spoken: dict[str, str] | None = None,
) -> dict[str, Resource]:
    """Those of the fixtures, by title. `spoken`: transcripts."""
    shown = [row for row in rows if row["vis"] not in LATER]
    made = {}
    for number, row in enumerate(shown):
        words = {**texts["resources"].get(row["title"], row)}
        words["transcript"] = (spoken or {}).get(row["title"], "")
        when = _when(row, number, len(shown), days)
        made[row["title"]] = _make(community, row, words, by, when, meetings or {})
    for row in shown:
        original = made.get(row.get("translation_of", ""))
        if original:
            link_translation(resource=made[row["title"]], original=original, by=by)
        if row.get("state") == "review_due":
            Resource.objects.filter(pk=made[row["title"]].pk).update(
                state=Resource.State.REVIEW_DUE, review_due_on=days.today - timedelta(days=30)
            )
    return made


def _make(
    community: Community,
    row: dict[str, Any],
    words: dict[str, Any],
    by: User,
    when: datetime,
    meetings: dict[int, Meeting],
) -> Resource:
    upload = make_document(row["file"], row["pages"]) if "file" in row else None
    body = "" if upload or words.get("url") else words.get("body") or row["title"]
    resource = submit_resource(
        community=community, person=by, now=when, upload=upload, kind=row["kind"],
        title=row["title"], summary=words.get("summary") or row["title"], body=body,
        url=words.get("url", ""), language=row.get("lang", "en"), visibility=row["vis"],
        topics=words.get("topics", []), evidence=LABELS.get(row.get("label", ""), ""),
        meeting=meetings.get(row.get("meeting", 0)), **_of_its_kind(row, words, body),
    )  # fmt: skip
    if row.get("state") != "in_review":
        resource = publish_resource(resource=resource, by=by, now=when, is_checked=True)
    return resource


def _of_its_kind(row: dict[str, Any], words: dict[str, Any], body: str) -> dict[str, Any]:
    """What its kind asks for before it goes out (library/rules.py)."""
    values = {name: row[name] for name in PASSED_ON if name in row}
    values["reading_minutes"] = values.pop("min", None)
    kind = row["kind"]
    if kind == "best_practice":
        values.setdefault("used_where", words.get("used_where", "See below."))
        values.setdefault("limits", words.get("limits", "See below."))
    elif kind == "guideline":
        values.setdefault("publisher", "The publisher of the page (example)")
    elif kind == "case_study":
        values["organization_consent"] = "By letter, in the binder of the librarian"
    elif kind == "recording" and row.get("state") != "in_review":
        values["transcript"], values["chapters"] = words.get("transcript") or body, body
    return values


def make_use(resources: dict[str, Resource], uses: Rows, people: dict[str, User],
             days: DemoCalendar) -> None:  # fmt: skip
    """Who was helped, and what they changed for their own house."""
    now = at(days.today - timedelta(days=3))
    for use in uses:
        resource = resources[use["title"]]
        for name in use.get("helped", []):
            say_helped(resource=resource, by=people[name], now=now)
        for name, story in use.get("used", {}).items():
            say_used(resource=resource, by=people[name], now=now, story=story)


def make_collections(
    community: Community, resources: dict[str, Resource], rows: Rows, by: User
) -> None:
    for row in rows:
        collection = Collection.objects.create(
            community=community, title=row["title"], title_fr=row["title_fr"],
            summary=row["summary"], summary_fr=row["summary_fr"], visibility=row["vis"],
            is_starter=row.get("starter", False), is_published=True, curated_by=by,
        )  # fmt: skip
        for order, (title, note) in enumerate(row["items"].items(), 1):
            CollectionItem.objects.create(
                collection=collection, resource=resources[title], order=order, note=note
            )


def _when(row: dict[str, Any], number: int, count: int, days: DemoCalendar) -> datetime:
    """Five days after its meeting; the others spread over the year so far."""
    if "meeting" in row:
        day = days.meeting(row["meeting"]) + timedelta(days=5)
    else:
        start = days.meeting(1)
        day = start + (days.today - start) * number // max(count, 1)
    return at(min(day, days.today - timedelta(days=1)))
