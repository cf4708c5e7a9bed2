"""The world with a word of its own in everything that stands behind the wall (P4, O7)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.files.base import ContentFile

from cop.core.links import make_token
from library.models import Resource
from meetings.actions import answer_rsvp
from meetings.actions.feeds import replace_calendar_feed
from meetings.models import Meeting
from members.actions.directory import save_profile
from members.actions.mentorship import accept_match, ask_mentor, save_offer, save_wish
from members.models import (
    Affiliation,
    Appeal,
    AppealSeat,
    Evidence,
    InformationRequest,
    Introduction,
    Membership,
    MembershipApplication,
    MentorshipOffer,
    MentorshipRequest,
    Organization,
    ReviewTask,
    RoleGrant,
    User,
)
from newsletter.models import IssueItem
from tests.access.world import World
from tests.core.uploads import PDF
from tests.factories import make_meeting, make_member, make_organization, make_person

# Stands beside each marker, so that a search may ask for it without naming the marker.
COMMON = "Vellichor"
WALLED = ("funder", "regulator", "both", "evaluator")
# Marker -> who must find it on the same walk: where nobody does, the walk proves nothing.
MARKERS = {
    "zqmeetingtitle": "member",
    "zqmeetingnotes": "member",
    # A button leads there; the address itself stands at the desk alone (MT8).
    "zqmeetinglink": "coordinator",
    "zqallymeeting": "member",
    "zqresource": "member",
    "zqresourcefile": "member",
    "zqresourcename": "member",
    "zqallyresource": "member",
    "zqdirectoryname": "member",
    "zqdirectorywords": "member",
    "zqmentoroffer": "seeker",
    "zqnewsmembers": "member",
    "zqnewsallies": "member",
    "zqapplicant": "coordinator",
    "zqmotivation": "coordinator",
    "zqevidence": "coordinator",
    "zqevidencefile": "coordinator",
    "zqevidencename": "coordinator",
    "zqtasknote": "coordinator",
    "zqinquiry": "coordinator",
    "zqinformation": "moderator",
    "zqappealwords": "moderator",
    "zqappealfile": "moderator",
    "zqappealfilename": "moderator",
    "zqcontactname": "second contact",
    "zqcontactmail": "admin",
}


@dataclass(frozen=True)
class Walker:
    """Somebody who walks, with the signed links that this very person may hold."""

    person: User
    links: tuple[str, ...]


class WalledWorld(World):
    def __init__(self) -> None:
        super().__init__()
        self._walled_people()
        self._plant_content()
        self._plant_people()
        self._plant_newsletter()
        self._plant_decisions()
        self._old_ties_of_both()
        self._raise_the_wall()

    def _walled_people(self) -> None:
        ministry = make_organization("Licensing", kind="government", is_regulator_or_funder=True)
        self.people["regulator"] = make_member(
            self.here, "Regulator", category="ally", organization=ministry
        )
        # Runs a service, belongs here and there, and takes a second job with a funder at the end.
        both = make_member(self.here, "Both", organization=self.house)
        Membership.objects.create(
            community=self.there, person=both, category="member", joined_on=date(2026, 4, 1)
        )
        self.people["both"] = both

    def _plant_content(self) -> None:
        Meeting.objects.filter(pk=self.meeting.pk).update(
            title=f"{COMMON} zqmeetingtitle", description=f"{COMMON} zqmeetingnotes",
            join_url="https://video.example/zqmeetinglink", starts_at=self.now,
            ends_at=self.now + timedelta(hours=1),
        )  # fmt: skip
        make_meeting(
            self.here, title=f"{COMMON} zqallymeeting", audience="members_and_allies",
            local_date=self.now.date() + timedelta(days=9),
        )  # fmt: skip
        held = {"submitted_by": self.people["member"], "published_at": self.now, "kind": "tool"}
        self.resource.title, self.resource.file_name = f"{COMMON} zqresource", "zqresourcename.pdf"
        self.resource.file.save("key", ContentFile(PDF + b" zqresourcefile"))
        Resource.objects.create(
            community=self.here, title=f"{COMMON} zqallyresource", summary="S", language="en",
            visibility="members_and_allies", state="published", url="https://a.example", **held,
        )  # fmt: skip

    def _plant_people(self) -> None:
        mentor = self.offer.person
        User.objects.filter(pk=mentor.pk).update(display_name=f"{COMMON} zqdirectoryname")
        mentor.refresh_from_db()
        save_profile(
            person=mentor, community=self.here, now=self.now, is_listed=True, takes_messages=True,
            shows_role=True, shows_organization=True, shows_region=True,
            ask_me_about=f"{COMMON} zqdirectorywords",
        )  # fmt: skip
        guide = make_member(self.here, "Guide", organization=make_organization("Far House"))
        words = {"languages": ["English"], "region": ""}
        save_offer(
            person=guide, community=self.here, hours_a_month=1, max_matches=2, now=self.now,
            topics=f"{COMMON} zqmentoroffer", **words,
        )  # fmt: skip
        MentorshipRequest.objects.update(topics=f"{COMMON} nights")
        self.people["seeker"] = make_member(self.here, "Seeker")
        words["topics"] = f"{COMMON} nights"
        save_wish(person=self.people["seeker"], community=self.here, now=self.now, **words)
        self.people["second contact"] = make_person("Second")
        Affiliation.objects.create(
            person=self.people["second contact"], organization=self.house, state="confirmed",
            is_contact=True,
        )  # fmt: skip
        User.objects.filter(pk=self.people["contact"].pk).update(
            display_name=f"{COMMON} zqcontactname", email="zqcontactmail@people.example"
        )

    def _plant_newsletter(self) -> None:
        for edition, word in (("members", "zqnewsmembers"), ("members_and_allies", "zqnewsallies")):
            IssueItem.objects.create(
                issue=self.issue, title=f"{COMMON} {word}", text=word, edition=edition
            )

    def _plant_decisions(self) -> None:
        User.objects.filter(pk=self.people["applicant"].pk).update(
            display_name=f"{COMMON} zqapplicant"
        )
        MembershipApplication.objects.update(motivation=f"{COMMON} zqmotivation")
        Evidence.objects.update(
            reference=f"{COMMON} zqevidence", document_name="zqevidencename.pdf"
        )
        for row in Evidence.objects.exclude(document=""):
            row.document.save("key", ContentFile(PDF + b" zqevidencefile"))
        type(self.inquiry).objects.update(question=f"{COMMON} zqinquiry")
        InformationRequest.objects.create(
            application=self.appeal.application, asked_at=self.now, answer_by=self.now.date(),
            message=f"{COMMON} zqinformation",
        )  # fmt: skip
        ReviewTask.objects.create(
            community=self.here, kind="evidence_report", opened_at=self.now,
            due_on=self.now.date(), note=f"{COMMON} zqtasknote", evidence=self.evidence,
            organization=self.house,
        )  # fmt: skip
        Appeal.objects.update(text=f"{COMMON} zqappealwords")
        self.appeal_file.document.save("key", ContentFile(PDF + b" zqappealfile"))
        type(self.appeal_file).objects.update(document_name="zqappealfilename.pdf")

    def _old_ties_of_both(self) -> None:
        """All that somebody had here while they were a member like any other."""
        both, here = self.people["both"], self.here
        answer_rsvp(meeting=self._coming(), person=both, answer="going", now=self.now)
        save_profile(person=both, community=here, now=self.now, is_listed=True)
        wish = save_wish(
            person=both, community=here, now=self.now, topics="Nights", languages=["English"],
            region="",
        )  # fmt: skip
        offer = MentorshipOffer.objects.get(pk=self.offer.pk)
        Affiliation.objects.filter(person=both).update(state="ended", ended_on=self.now.date())
        match = ask_mentor(wish=wish, offer=offer, by=both, now=self.now)
        self.old_match = accept_match(match=match, person=offer.person, now=self.now)
        Affiliation.objects.filter(person=both).update(state="confirmed", ended_on=None)
        AppealSeat.objects.create(appeal=self.appeal, person=both, seated_at=self.now)
        RoleGrant.objects.bulk_create(
            RoleGrant(community=here, person=both, role=role, starts_on=date(2026, 4, 1))
            for role in ("reviewer", "librarian", "facilitator", "moderator", "core_group")
        )
        User.objects.filter(pk=both.pk).update(is_staff=True)

    def _coming(self) -> Meeting:
        return make_meeting(
            self.here, title=f"{COMMON} zqmeetingtitle", description=f"{COMMON} zqmeetingnotes",
            audience="members_only", local_date=self.now.date() + timedelta(days=1),
        )  # fmt: skip

    def _raise_the_wall(self) -> None:
        fund = Organization.objects.get(name="Fund")
        Affiliation.objects.create(person=self.people["both"], organization=fund, state="confirmed")

    def walker(self, who: str) -> Walker:
        """With the links of mails that came to this person."""
        person = User.objects.get(pk=self.people[who].pk)
        feed = replace_calendar_feed(person=person)
        links = [f"/m/{feed.secret}/calendar.ics"]
        links += [f"/m/{token}/{page}/" for page, token in self._tokens(person)]
        return Walker(person, tuple(links))

    def _tokens(self, person: User) -> list[tuple[str, str]]:
        mine = person.public_id
        letter = Introduction.objects.create(
            community=self.here, sender=self.people["member"], receiver=person, at=self.now
        )
        tokens = [
            ("rsvp", make_token("rsvp", [meeting.public_id, mine]))
            for meeting in Meeting.objects.order_by("pk")
        ]
        tokens += [
            ("join", make_token("join", [meeting.public_id, mine, meeting.door_version]))
            for meeting in Meeting.objects.order_by("pk")
        ]
        tokens += [
            ("feedback", make_token("feedback", [meeting.public_id, mine]))
            for meeting in Meeting.objects.order_by("pk")
        ]
        return [
            *tokens,
            ("letter", make_token("answer-letter", letter.public_id)),
            ("choices", make_token("choices", [mine, self.here.public_id])),
            ("works-here", make_token("works-here", [mine, self.house.public_id])),
            ("check-in", make_token("check-in", [self.old_match.public_id, mine, "week_2"])),
        ]
