"""What waits at the desk: papers that end soon, appeals, tasks, and applications under way."""

from datetime import timedelta

from django.utils import timezone

from cop.demo.dates import DemoCalendar, at
from cop.demo.papers import draw_paper
from cop.demo.people import make_person
from members.actions import decline_application, submit_application
from members.actions.appeal_decisions import decide_appeal
from members.actions.appeals import open_appeal
from members.actions.claims import claim_application, hold_application
from members.actions.evidence_dates import keep_evidence_of
from members.actions.grace import review_person
from members.actions.inquiries import agree_to_inquiry, propose_inquiry
from members.actions.organizations import change_site
from members.actions.panels import cast_vote, seat_person
from members.actions.partners import add_partner
from members.actions.tasks import close_review_task, open_review_task
from members.calendar import add_business_days
from members.models import (
    Appeal,
    Community,
    Evidence,
    MembershipApplication,
    Organization,
    ReviewTask,
    User,
)

# Whoever asked for a second look longer ago has sent nothing that is still kept.
DECIDED_SINCE = 30
REFUSED = (
    "Thank you for applying. The letter you sent speaks of a grant that ended in March. If there "
    "is a newer one, please send it, or ask for a second look."
)
ASKS_AGAIN = (
    "The grant was renewed in April, but the letter came late and I sent the old one. The new "
    "letter has the same number and runs to next March."
)
WAS_NOT_HEARD = "I think our work with families should count, although no public money pays for it."
REASONS = (
    "We read everything twice. The work is good work, and none of the four criteria covers it "
    "today. The house may join as an ally, and the core group will talk about the criteria in May."
)


def make_desk_work(
    community: Community,
    people: dict[str, User],
    organizations: dict[str, Organization],
    houses: list[Organization],
    days: DemoCalendar,
) -> None:
    make_ending_papers(community, houses, days)
    make_appeals(community, people, days)
    make_tasks(community, people, organizations, days)
    make_moves_in_the_queue(community, people, days)
    for key, role, statement in (
        ("arbutus-u", "evaluator", "Reads totals for the yearly report, and no names."),
        ("open-kettle", "knowledge", "Brings what people who use the houses say about them."),
    ):
        add_partner(
            community=community, organization=organizations[key], role=role, by=None,
            statement=statement, starts_on=days.meeting(2),
        )  # fmt: skip


def end_what_is_over(community: Community, people: dict[str, User], days: DemoCalendar) -> None:
    """Papers whose days are over, and the grace of whoever rests on them."""
    keep_evidence_of(community, now=days.now)
    review_person(people["owen"], now=days.now)


def make_ending_papers(
    community: Community, houses: list[Organization], days: DemoCalendar
) -> None:
    """At each of the steps of 60, 30 and 7 days before their end."""
    for house, left in zip(houses, (55, 26, 5), strict=False):
        papers = house.evidence.filter(criterion__community=community)
        papers.update(valid_to=days.today + timedelta(days=left))
    keep_evidence_of(community, now=days.now)


def make_appeals(community: Community, people: dict[str, User], days: DemoCalendar) -> None:
    """One whose panel has begun to vote, and one that is decided."""
    open_one = _appeal(
        community, people, days, name="Wren Ahlgren", house="Harbour Step House",
        city="Campbell River", declined=16, text=ASKS_AGAIN, ground=Appeal.Ground.NEW_EVIDENCE,
    )  # fmt: skip
    seated = at(days.today - timedelta(days=8))
    for key in ("joan", "rosalind", "luc"):
        seat_person(appeal=open_one, person=people[key], by=people["priya"], now=seated)
    cast_vote(
        appeal=open_one, person=people["joan"], vote="uphold", now=seated + timedelta(days=2),
        note="The new letter answers what was asked.",
    )  # fmt: skip
    closed = _appeal(
        community, people, days, name="Abel Quist", house="Quist Family Table", city="Nelson",
        declined=70, text=WAS_NOT_HEARD, ground=Appeal.Ground.POLICY_QUESTION,
    )  # fmt: skip
    then = at(days.today - timedelta(days=58))
    for key in ("rosalind", "luc"):
        seat_person(appeal=closed, person=people[key], by=people["priya"], now=then)
        cast_vote(appeal=closed, person=people[key], vote="dismiss", now=then)
    decide_appeal(
        appeal=closed, by=people["rosalind"], reasons=REASONS, now=then + timedelta(days=3)
    )


def _appeal(
    community: Community,
    people: dict[str, User],
    days: DemoCalendar,
    *,
    name: str,
    house: str,
    city: str,
    declined: int,
    text: str,
    ground: str,
) -> Appeal:
    first, last = name.lower().split()
    person = make_person(name, f"{first}.{last}@people.example")
    on = at(days.today - timedelta(days=declined))
    application = submit_application(
        community=community, person=person, applying_as="provider", proposed_name=house,
        proposed_city=city, criterion=community.criteria.get(code="PROV_FUNDED"),
        reference="A letter of March", agreement=community.agreements.first(), lists=set(),
        role_title="house manager", role_group="manager", now=on - timedelta(days=6),
    )  # fmt: skip
    decline_application(
        application=application, by=people["anneke"], seen_version=application.version,
        message=REFUSED, reason_codes=["NO_CRITERION_MET"], now=on,
    )  # fmt: skip
    application.refresh_from_db()
    letters = [draw_paper("new-letter.png", house, text)] if declined < DECIDED_SINCE else []
    return open_appeal(
        application=application, person=person, ground=ground, text=text, documents=letters,
        now=on + timedelta(days=5),
    )  # fmt: skip


def make_tasks(
    community: Community,
    people: dict[str, User],
    organizations: dict[str, Organization],
    days: DemoCalendar,
) -> None:
    """A house that has moved, something heard about a licence, and one of the looks afterwards."""
    for task in community.review_tasks.filter(kind=ReviewTask.Kind.SAMPLE, done_at=None):
        close_review_task(task=task, by=people["anneke"], now=at(task.due_on))
    site = organizations["northern-larch"].sites.get()
    change_site(
        site=site, by=people["walter"], now=at(days.today - timedelta(days=6)),
        city="Taylor", name="Larch One",
    )  # fmt: skip
    heard = at(days.today - timedelta(days=3))
    licence = Evidence.objects.get(
        organization=organizations["kelpline"], criterion__code="LICENSED"
    )
    open_review_task(
        community=community, kind=ReviewTask.Kind.EVIDENCE_REPORT, now=heard, evidence=licence,
        due_on=add_business_days(heard.date(), 20), organization=licence.organization,
        note="The public list shows a condition on the licence since last week.",
    )  # fmt: skip
    approved = community.applications.filter(person=people["hilde"], state="approved").first()
    if approved is not None:
        open_review_task(
            community=community, kind=ReviewTask.Kind.SAMPLE, now=heard, application=approved,
            due_on=add_business_days(heard.date(), 10),
        )  # fmt: skip


def make_moves_in_the_queue(
    community: Community, people: dict[str, User], days: DemoCalendar
) -> None:
    """Of those that wait: one taken on, one laid aside, one whose funder is asked."""
    waiting = MembershipApplication.objects.filter(community=community, state="submitted")
    newest, asked, aside, *_rest = waiting.select_related("community").order_by("-submitted_at")
    # A claim lasts for a day of the real clock, wherever the demo plays.
    just_now = min(days.now, timezone.now()) - timedelta(hours=1)
    claim_application(application=newest, by=people["anneke"], now=just_now)
    yesterday = at(days.today - timedelta(days=1))
    hold_application(
        application=aside, by=people["priya"], until=days.today + timedelta(days=12),
        reason="The registry is closed until the first of the month.", now=yesterday,
    )  # fmt: skip
    inquiry = propose_inquiry(
        application=asked, issuer="Coast & Plateau Health Fund", email="grants@coastfund.example",
        question="Is there an agreement with this house, and for which period?",
        by=people["priya"], now=yesterday,
    )  # fmt: skip
    agreed = yesterday + timedelta(hours=2)
    agree_to_inquiry(inquiry=inquiry, person=asked.person, now=agreed)
