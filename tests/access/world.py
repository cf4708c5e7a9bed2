"""One community with a row of everything, the people who stand around it, and its neighbour."""

from datetime import date, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from cop.core import audit
from cop.core.links import make_token
from cop.demo.documents import pdf
from library.models import Collection, Resource, ResourceCredit, ResourceUse, ResourceVersion
from meetings.actions import answer_rsvp
from meetings.actions.feeds import replace_calendar_feed
from meetings.models import (
    Attendance,
    Ballot,
    BallotPaper,
    BoardTopic,
    Meeting,
    MeetingNotes,
    MeetingRole,
    TopicProposal,
)
from members.actions.directory import save_profile
from members.actions.mentorship import accept_match, ask_mentor, save_offer, save_wish
from members.documents import paper_token
from members.models import (
    Affiliation,
    Appeal,
    AppealFile,
    AppealSeat,
    Evidence,
    Introduction,
    IssuerInquiry,
    Membership,
    MembershipApplication,
    MembershipConfirmation,
    MentorshipCheckIn,
    Partner,
    RoleGrant,
    Site,
    Stream,
    User,
)
from newsletter.models import NewsletterIssue
from outbox.actions import update_subscriptions
from outbox.models import Delivery, Subscription
from tests.core.uploads import MP4, PDF, VTT
from tests.factories import (
    make_community,
    make_meeting,
    make_member,
    make_organization,
    make_person,
    make_staff,
)

# Who walks through the house. Every person is of `here` unless the name says otherwise.
ROLES = ("coordinator", "facilitator", "librarian", "reviewer", "editor", "moderator", "evaluator")
PEOPLE = (
    "visitor", "newcomer", "applicant", "member", "contact", "ally", "funder", "lapsed",
    "suspended", *ROLES, "stranger", "outsider", "admin",
)  # fmt: skip


class World:
    """`people`: name -> person (None for the visitor); `args`: what the addresses need."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.here = make_community("here", name="Here")
        self.there = make_community("there", name="There")
        self.house = make_organization("House of Here", domains=["house.example"])
        self.people: dict[str, User | None] = {"visitor": None}
        self._people()
        self.args: dict[str, Any] = {"slug": "here", "who": "member", "provider": "postmark"}
        self._belonging()
        self._content()
        self._mail()
        self._letters()

    def _people(self) -> None:
        self.people["newcomer"] = make_person("Newcomer")
        self.people["applicant"] = make_person("Applicant")
        self.people["member"] = make_member(self.here, "Member", organization=self.house)
        self.people["contact"] = make_person("Contact")
        self.people["ally"] = make_member(self.here, "Ally", category="ally")
        fund = make_organization("Fund", kind="funder", is_regulator_or_funder=True)
        self.people["funder"] = make_member(self.here, "Funder", category="ally", organization=fund)
        self.people["lapsed"] = make_member(self.here, "Lapsed", state="lapsed")
        self.people["suspended"] = make_member(self.here, "Held")
        Membership.objects.filter(person=self.people["suspended"]).update(
            state="suspended", suspended_until=self.now.date() + timedelta(days=9)
        )
        for role in ROLES:
            self.people[role] = make_staff(self.here, role, role.title())
        self.people["stranger"] = make_member(self.there, "Stranger")
        self.people["outsider"] = make_staff(self.there, "coordinator", "Outsider")
        for role in ("reviewer", "librarian", "editor", "facilitator"):
            RoleGrant.objects.create(
                community=self.there, person=self.people["outsider"], role=role,
                starts_on=date(2026, 4, 1),
            )  # fmt: skip
        self.people["admin"] = User.objects.create_superuser("admin@people.example")

    def _belonging(self) -> None:
        here, house, applicant = self.here, self.house, self.people["applicant"]
        Affiliation.objects.create(
            person=self.people["contact"], organization=house, state="confirmed", is_contact=True
        )
        self.tie = Affiliation.objects.create(person=applicant, organization=house)
        self.site = Site.objects.create(
            organization=house, name="House A", city="Creston", region="interior"
        )
        self.criterion = here.criteria.get()
        self.application = MembershipApplication.objects.create(
            community=here, person=applicant, organization=house, submitted_at=self.now,
            due_on=self.now.date(), agreement=here.agreements.get(),
        )  # fmt: skip
        self.evidence = Evidence.objects.create(
            organization=house, criterion=self.criterion, application=self.application,
            submitted_by=applicant, submitted_at=self.now, document_name="a.pdf",
            document=ContentFile(PDF, name="key"),
        )  # fmt: skip
        self.inquiry = IssuerInquiry.objects.create(
            application=self.application, issuer="Office", email="office@office.example",
            question="Is it so?", proposed_at=self.now,
        )  # fmt: skip
        self._appeal()
        self.stream = Stream.objects.create(community=here, kind="learn", name="Learn")
        self.partner = Partner.objects.create(
            community=here, role="host", organization=make_organization("Host")
        )
        self.membership = Membership.objects.get(person=self.people["member"])
        audit.record("community_updated", here, by=None, scope=here.public_id)

    def _appeal(self) -> None:
        """An older application of the applicant, declined; the moderator sits on the panel."""
        declined = MembershipApplication.objects.create(
            community=self.here, person=self.people["applicant"], organization=self.house,
            submitted_at=self.now, due_on=self.now.date(), decided_at=self.now, state="appealed",
        )  # fmt: skip
        self.appealed_evidence = Evidence.objects.create(
            organization=self.house, criterion=self.criterion, application=declined,
            submitted_by=self.people["applicant"], submitted_at=self.now, state="rejected",
            document_name="b.pdf", document=ContentFile(PDF, name="key"),
        )  # fmt: skip
        self.appeal = Appeal.objects.create(
            application=declined, ground="process", text="Look again.", opened_at=self.now,
            due_on=self.now.date() + timedelta(days=28),
        )  # fmt: skip
        self.appeal_file = AppealFile.objects.create(
            appeal=self.appeal, document_name="c.pdf", document=ContentFile(PDF, name="key")
        )
        AppealSeat.objects.create(
            appeal=self.appeal, person=self.people["moderator"], seated_at=self.now
        )

    def _content(self) -> None:
        here, now = self.here, self.now
        day = now.date() + timedelta(days=20)
        self.meeting = make_meeting(here, local_date=day, audience="members_only")
        Attendance.objects.create(
            meeting=self.meeting, person=self.people["member"], source="coordinator"
        )
        self.year_from = "2026-04-01"
        self.part = MeetingRole.objects.create(
            meeting=self.meeting, person=self.people["member"], part="issue_holder",
            state="accepted",
        )  # fmt: skip
        MeetingNotes.objects.create(meeting=self.meeting, ideas="A roster", state="with_holder")
        Meeting.objects.filter(pk=self.meeting.pk).update(board_version=1)
        self.board_topic = BoardTopic.objects.create(
            meeting=self.meeting, title="Night shifts", host=self.people["member"], created_at=now
        )
        self.topic = TopicProposal.objects.create(
            community=here, title="Nights", proposed_by=self.people["member"], state="open",
            proposed_at=now,
        )  # fmt: skip
        self.ballot = self._vote()
        self.resource = Resource.objects.create(
            community=here, kind="tool", title="Inside", summary="S", language="en",
            visibility="members", state="published", published_at=now, file_type="pdf",
            file=ContentFile(PDF, name="key"), file_name="a.pdf", file_size=len(PDF),
            submitted_by=self.people["member"],
        )  # fmt: skip
        self._two_texts()
        self._pages_and_film()
        self.collection = Collection.objects.create(
            community=here, title="To begin with", visibility="members", is_published=True
        )
        self.collection.items.create(resource=self.resource, order=1)
        self.story = ResourceUse.objects.create(
            resource=self.resource, person=self.people["coordinator"], kind="used", story="Yellow",
            said_on=day,
        )  # fmt: skip
        self.version = ResourceVersion.objects.create(
            resource=self.resource, number=1, title="Before", change_note="New phone numbers",
            file=ContentFile(PDF, name="key"), file_name="a.pdf", file_type="pdf",
            replaced_at=self.now,
        )  # fmt: skip
        self.credit = ResourceCredit.objects.create(
            resource=self.resource, part="author", person=self.people["member"]
        )
        ends = {"community": here, "period_to": day, "send_on": day}
        self.draft = NewsletterIssue.objects.create(
            number=2, subject="Draft", period_from=day, **ends
        )
        self.draft_picture = self.draft.pictures.create(
            alt="A door", content_type="image/jpeg", content=b"x", width=1, height=1, added_at=now
        )
        self.draft_item = self.draft.items.create(title="Text", picture=self.draft_picture)
        self.issue = NewsletterIssue.objects.create(
            number=1, subject="Sent", state="sent", sent_at=now - timedelta(days=1),
            period_from=day - timedelta(days=60), **ends,
        )  # fmt: skip
        self.followed = self.issue.links.create(url="https://one.example/", label="One")
        self.named = self.draft.named_people.create(person=self.people["member"], asked_at=now)
        self.profile = save_profile(
            person=self.people["member"], community=here, now=now, is_listed=True,
            takes_messages=True,
        )  # fmt: skip
        mentor = make_member(here, "Mentor", organization=make_organization("Elsewhere"))
        words = {"topics": "Nights", "languages": ["English"], "region": ""}
        offer = save_offer(
            person=mentor, community=here, hours_a_month=1, max_matches=2, now=now, **words
        )
        wish = save_wish(person=self.people["member"], community=here, now=now, **words)
        match = ask_mentor(wish=wish, offer=offer, by=wish.person, now=now)
        self.match = accept_match(match=match, person=mentor, now=now)
        self.offer = offer

    def _vote(self) -> Ballot:
        """Open since yesterday; the member has a paper."""
        ballot = Ballot.objects.create(
            community=self.here, title="Vote", state="open", electorate=1,
            opens_at=self.now - timedelta(days=1), closes_at=self.now + timedelta(days=9),
        )  # fmt: skip
        BallotPaper.objects.create(ballot=ballot, person=self.people["member"])
        return ballot

    def _mail(self) -> None:
        here, member = self.here, self.people["member"]
        answer_rsvp(meeting=self.meeting, person=member, answer="going", now=self.now)
        self.delivery = Delivery.objects.get(kind="rsvp_confirmed")
        update_subscriptions(
            person=member, scope=here.public_id, kinds={"newsletter"}, source="t", now=self.now
        )
        self.subscription = Subscription.objects.get()
        self.feed = replace_calendar_feed(person=member)

    def _letters(self) -> None:
        here, member = self.here, self.people["member"]
        self.confirmation = MembershipConfirmation.objects.create(
            membership=self.membership, year=2026, asked_on=self.now.date()
        )
        self.invitation = here.invitations.create(
            email="invited@people.example", sent_at=self.now,
            expires_on=self.now.date() + timedelta(days=30),
        )  # fmt: skip
        self.letter = Introduction.objects.create(
            community=here, sender=self.people["ally"], receiver=member, at=self.now
        )
        self.check_in = MentorshipCheckIn.objects.filter(person=member).first()

    def paper_token(self) -> str:
        """The way to a paper that the reviewer has just asked for."""
        return paper_token(self.evidence, self.people["reviewer"])

    def _two_texts(self) -> None:
        """One text in both languages, for members."""
        words = {
            "community": self.here, "kind": "tool", "summary": "S", "visibility": "members",
            "state": "published", "published_at": self.now, "body": "Text",
        }  # fmt: skip
        self.text = Resource.objects.create(title="Text", language="en", **words)
        Resource.objects.create(title="Texte", language="fr", translation_of=self.text, **words)

    def _pages_and_film(self) -> None:
        """Something to leaf through, and something to watch, for members."""
        self.first_page = 1
        self.resource.preview_pages = 1
        self.resource.file.save("key", ContentFile(pdf(["Inside"])))
        self.film = Resource.objects.create(
            community=self.here, kind="recording", title="Film", summary="S", language="en",
            visibility="members", state="published", published_at=self.now, file_type="mp4",
            file=ContentFile(MP4, name="key"), file_name="a.mp4", file_size=len(MP4),
            captions=ContentFile(VTT, name="key"),
        )  # fmt: skip

    def token(self, purpose: str) -> str:
        member = self.people["member"]
        payloads: dict[str, Any] = {
            "unsubscribe": self.subscription.pk,
            "still-here": [self.membership.public_id, 2026],
            "answer-letter": self.letter.public_id,
            "rsvp": [self.meeting.public_id, member.public_id],
            "consent": [self.credit.public_id, "members"],
            "named": self.named.public_id,
            "feedback": [self.meeting.public_id, member.public_id],
            "role": self.part.public_id,
            "notes": self.part.public_id,
            "outcome": self.part.public_id,
            "join": [self.meeting.public_id, member.public_id, self.meeting.door_version],
            "ballot": [self.ballot.public_id, member.public_id],
            "works-here": [self.people["contact"].public_id, self.house.public_id],
            "invitation": self.invitation.public_id,
            "check-in": [self.match.public_id, member.public_id, "week_2"],
        }
        return make_token(purpose, payloads[purpose])
