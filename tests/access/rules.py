"""Who may open what (model-members 2.8): one rule for each address of the site.

An address without a rule fails the build: whoever adds a page says here whom it is for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from members.actions.tasks import open_review_task
from members.models import ReviewTask
from tests.access.world import PEOPLE, World

Args = Callable[[World], dict[str, Any]]
EVERYBODY = frozenset(PEOPLE)
NOBODY: frozenset[str] = frozenset()
SIGNED_IN = EVERYBODY - {"visitor"}
ADMIN = frozenset({"admin"})
# Staff of either community with work at the desk.
STAFF = frozenset(
    {"coordinator", "facilitator", "librarian", "reviewer", "editor", "outsider", "admin"}
)
# Who has to do with what leaves by mail, of either community.
WRITERS = frozenset({"coordinator", "editor", "outsider", "admin"})
# Who decides about applications, of either community.
REVIEWERS = frozenset({"coordinator", "reviewer", "outsider", "admin"})
# Who looks after the library of either community.
KEEPERS_OF_EITHER = frozenset({"coordinator", "librarian", "outsider", "admin"})
# Roles open the member spaces, but for the evaluator, who reads totals only.
TEAM = frozenset({"coordinator", "facilitator", "librarian", "reviewer", "editor", "moderator"})
MEMBERS = TEAM | {"member"}
WITH_ALLIES = MEMBERS | {"ally"}


@dataclass(frozen=True)
class Rule:
    """`who` gets a page; everybody else is sent to sign in, or finds nothing.

    `goes_on`: for `who` the answer is a redirect (an act, or a page that moved).
    """

    who: frozenset[str]
    args: Args = field(default=lambda world: {})
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    goes_on: bool = False


def at(*names: str, **fixed: str) -> Args:
    """Arguments out of the world: `slug` of the community here, `public_id=resource` and so on."""

    def args(world: World) -> dict[str, Any]:
        found: dict[str, Any] = {name: world.args[name] for name in names}
        for name, path in fixed.items():
            value: Any = world
            for step in path.split("."):
                value = getattr(value, step)
            found[name] = value
        return found

    return args


def token(purpose: str, name: str = "token") -> Args:
    return lambda world: {name: world.token(purpose)}


def step(row: str, name: str) -> Args:
    return lambda world: {"pk": getattr(world, row).pk, "name": name}


def post(who: frozenset[str], args: Args, **data: Any) -> Rule:
    return Rule(who, args, "post", data, goes_on=True)


def world_task(world: World) -> ReviewTask:
    """One about the house here, for the reviewers."""
    return open_review_task(
        community=world.here, kind="sample", now=world.now, due_on=world.now.date(),
        application=world.application,
    )  # fmt: skip


DECIDE = frozenset({"coordinator", "reviewer"})
COORDINATE = frozenset({"coordinator"})
SLUG = at("slug")
RULES: dict[str, Rule] = {
    # For everybody.
    "home": Rule(EVERYBODY), "health": Rule(EVERYBODY), "robots": Rule(EVERYBODY),
    "favicon": Rule(EVERYBODY, goes_on=True), "privacy": Rule(EVERYBODY),
    "accessibility": Rule(EVERYBODY), "certificate_check": Rule(EVERYBODY),
    "set_language": post(EVERYBODY, at(), language="fr"),
    "members:community_detail": Rule(EVERYBODY, SLUG),
    "members:community_list": Rule(EVERYBODY),
    "library:resource_list": Rule(EVERYBODY, SLUG), "search": Rule(EVERYBODY, SLUG),
    "library:collection_list": Rule(EVERYBODY, SLUG), "library:feed": Rule(EVERYBODY, SLUG),
    "sitemap": Rule(EVERYBODY),
    "django.contrib.sitemaps.views.sitemap": Rule(
        EVERYBODY, lambda world: {"section": "resources"}
    ),
    "meetings:meeting_list": Rule(EVERYBODY, SLUG),
    "meetings:meeting_agenda": Rule(EVERYBODY, SLUG),
    "meetings:public_file": Rule(EVERYBODY, SLUG),
    "meetings:meeting_month": Rule(
        EVERYBODY, lambda world: {"slug": "here", "year": 2026, "month": 12}
    ),
    "newsletter:issue_list": Rule(EVERYBODY, SLUG),
    "newsletter:newsletter_subscribe": Rule(EVERYBODY, SLUG),
    "admin:newsletter_invite": Rule(WRITERS),
    "admin:outbox_subscription_proof": Rule(WRITERS - {"editor"}),
    "newsletter:feed": Rule(EVERYBODY, SLUG), "newsletter:embed": Rule(EVERYBODY, SLUG),
    "newsletter:qr": Rule(EVERYBODY, SLUG),
    "newsletter:issue_link": Rule(
        EVERYBODY, at("slug", number="issue.number", public_id="followed.public_id"), goes_on=True
    ),
    # Before the issue has left.
    "newsletter:issue_picture": Rule(
        frozenset({"coordinator", "editor", "admin"}),
        at("slug", number="draft.number", public_id="draft_picture.public_id"),
    ),
    "newsletter:issue_detail": Rule(EVERYBODY, at("slug", number="issue.number")),
    # Only where the local copy runs (LOCAL_MODE, DEBUG); closed on a server.
    "start": Rule(NOBODY), "start_as": Rule(NOBODY, at("who")), "styleguide": Rule(STAFF),
    "mailbox_list": Rule(NOBODY), "mailbox_delete": Rule(NOBODY),
    "mailbox_detail": Rule(NOBODY, lambda world: {"name": "x"}),
    "mailbox_html": Rule(NOBODY, lambda world: {"name": "x"}),
    "mailbox_file": Rule(NOBODY, lambda world: {"name": "x", "number": 1}),
    # The link in a mail is the key, whoever holds it and wherever.
    "outbox:unsubscribe": Rule(EVERYBODY, token("unsubscribe")),
    "members:still_here": Rule(EVERYBODY, token("still-here")),
    "members:answer_letter": Rule(EVERYBODY, token("answer-letter")),
    "members:invitation": Rule(EVERYBODY, token("invitation")),
    "members:works_here": Rule(EVERYBODY, token("works-here")),
    "members:check_in": Rule(EVERYBODY, token("check-in")),
    "rsvp_link": Rule(EVERYBODY, token("rsvp")),
    "join_link": Rule(EVERYBODY, token("join")),
    "role_link": Rule(EVERYBODY, token("role")),
    "feedback_link": Rule(EVERYBODY, token("feedback")),
    "consent_link": Rule(EVERYBODY, token("consent")),
    "named_link": Rule(EVERYBODY, token("named")),
    "notes_link": Rule(EVERYBODY, token("notes")),
    "outcome_link": Rule(EVERYBODY, token("outcome")),
    "ballot_link": Rule(EVERYBODY, token("ballot")),
    "calendar_file": Rule(EVERYBODY, at(secret="feed.secret")),
    # Tokens that only their own journeys can make; forged here, so closed to all.
    "outbox:choices_edit": Rule(NOBODY, lambda world: {"token": "forged"}),
    "outbox:subscription_confirm": Rule(NOBODY, lambda world: {"token": "forged"}),
    "mail_event": Rule(NOBODY, at("provider"), "post"),
    # Inside a community.
    "library:resource_detail": Rule(MEMBERS | ADMIN, at("slug", public_id="resource.public_id")),
    "library:resource_file": Rule(MEMBERS | ADMIN, at("slug", public_id="resource.public_id")),
    "library:resource_view": Rule(MEMBERS | ADMIN, at("slug", public_id="film.public_id")),
    "library:resource_captions": Rule(MEMBERS | ADMIN, at("slug", public_id="film.public_id")),
    "library:resource_page": Rule(
        MEMBERS | ADMIN, at("slug", public_id="resource.public_id", number="first_page")
    ),
    "library:version_detail": Rule(
        MEMBERS | ADMIN, at("slug", public_id="resource.public_id", number="version.number")
    ),
    "library:version_file": Rule(
        MEMBERS | ADMIN, at("slug", public_id="resource.public_id", number="version.number")
    ),
    "library:collection_detail": Rule(MEMBERS, at("slug", public_id="collection.public_id")),
    "library:resource_create": Rule(WITH_ALLIES, SLUG),
    # One's own shelf: of what one may see. What is said of a resource is said inside.
    "library:export_csv": Rule(EVERYBODY, SLUG), "library:export_zip": Rule(MEMBERS, SLUG),
    "library:kept": Rule(SIGNED_IN, SLUG),
    "library:follow_topic": post(SIGNED_IN, SLUG, topic="nights"),
    "library:keep": post(MEMBERS | ADMIN, at("slug", public_id="resource.public_id")),
    # Not who sent it in.
    "library:say_helped": post(TEAM, at("slug", public_id="resource.public_id")),
    "library:say_used": post(TEAM, at("slug", public_id="resource.public_id"), story="Yellow"),
    "library:hide_story": post(
        frozenset({"coordinator", "librarian", "admin"}),
        at("slug", public_id="resource.public_id", pk="story.pk"),
    ),
    "library:cite_bib": Rule(MEMBERS | ADMIN, at("slug", public_id="resource.public_id")),
    "library:cite_ris": Rule(MEMBERS | ADMIN, at("slug", public_id="resource.public_id")),
    "library:resource_side_by_side": Rule(MEMBERS, at("slug", public_id="text.public_id")),
    "library:from_meeting": Rule(
        frozenset({"coordinator", "librarian"}), at("slug", public_id="meeting.public_id")
    ),
    "library:resource_edit": Rule(NOBODY, at("slug", public_id="resource.public_id")),
    "meetings:meeting_detail": Rule(MEMBERS, at("slug", public_id="meeting.public_id")),
    "meetings:meeting_ics": Rule(MEMBERS, at("slug", public_id="meeting.public_id")),
    "meetings:rsvp_answer": post(
        MEMBERS, at("slug", public_id="meeting.public_id"), answer="not_going"
    ),
    "meetings:rsvp_need": post(
        MEMBERS, at("slug", public_id="meeting.public_id"), access_need="captions"
    ),
    # Too early: back to the meeting's page.
    "meetings:meeting_join": post(MEMBERS, at("slug", public_id="meeting.public_id")),
    "meetings:check_in": Rule(MEMBERS, at("slug", public_id="meeting.public_id")),
    "meetings:ballot_detail": Rule(WITH_ALLIES, at("slug", public_id="ballot.public_id")),
    "meetings:topic_list": Rule(WITH_ALLIES, SLUG),
    "meetings:topic_create": Rule(WITH_ALLIES, SLUG),
    "meetings:topics_alike": Rule(WITH_ALLIES, SLUG),
    "meetings:topic_detail": Rule(WITH_ALLIES, at("slug", public_id="topic.public_id")),
    "meetings:topic_withdraw": post(
        frozenset({"member"}), at("slug", public_id="topic.public_id")
    ),
    "meetings:meeting_notes": Rule(
        frozenset({"coordinator", "facilitator", "admin"}),
        at("slug", public_id="meeting.public_id"),
    ),
    "meetings:run_sheet": Rule(
        frozenset({"coordinator", "facilitator", "member"}),
        at("slug", public_id="meeting.public_id"),
    ),
    "meetings:board": Rule(
        frozenset({"coordinator", "facilitator", "member"}),
        at("slug", public_id="meeting.public_id"),
    ),
    "meetings:board_part": Rule(
        frozenset({"coordinator", "facilitator", "member"}),
        at("slug", public_id="meeting.public_id"),
    ),
    "meetings:board_topic": Rule(
        frozenset({"coordinator", "facilitator", "member"}),
        at("slug", public_id="meeting.public_id", topic_id="board_topic.public_id"),
    ),
    "my_attendance": Rule(SIGNED_IN),
    "my_credits": Rule(SIGNED_IN),
    "my_certificate": post(frozenset({"member"}), at(public_id="meeting.public_id")),
    "my_transcript": post(SIGNED_IN, at("slug", first="year_from")),
    "members:directory_list": Rule(MEMBERS, SLUG),
    "members:letter_write": Rule(
        MEMBERS - {"member"}, at("slug", public_id="profile.public_id")
    ),
    "members:profile_switches": Rule(frozenset({"member", "ally", "funder"}), SLUG),
    "members:profile_hide": post(frozenset({"member"}), SLUG),
    "members:agreement_accept": Rule(frozenset({"member", "ally", "funder"}), SLUG),
    "members:member_view": Rule(frozenset({"coordinator", "admin"}), SLUG),
    "members:member_view_end": Rule(NOBODY, SLUG, "post"),
    "members:mentorship": Rule(frozenset({"member"}), SLUG),
    "members:mentor_offer": Rule(frozenset({"member"}), SLUG),
    "members:mentor_wish": Rule(frozenset({"member"}), SLUG),
    "members:mentor_ask": Rule(NOBODY, at("slug", public_id="offer.public_id"), "post"),
    "members:match_answer": Rule(
        frozenset({"member"}), at("slug", public_id="match.public_id")
    ),
    # One's own.
    "members:community_switch": Rule(SIGNED_IN),
    "stream_follow": post(
        frozenset({"member", "ally", "funder"}), at(public_id="stream.public_id"), follow="no"
    ),
    "consent_renew": post(
        frozenset({"member", "ally", "funder"}), SLUG, purpose="directory", answer="no"
    ),
    "me_home": Rule(SIGNED_IN), "mail_choices": Rule(SIGNED_IN), "profile_edit": Rule(SIGNED_IN),
    "calendar_feed": Rule(SIGNED_IN), "address_works": post(SIGNED_IN, at()),
    "calendar_feed_replace": post(SIGNED_IN, at()), "meeting_choices": post(SIGNED_IN, at()),
    # Leads on to the meeting's page, for whoever may see that.
    "my_meeting": Rule(MEMBERS, at(public_id="meeting.public_id"), goes_on=True),
    "community_leave": Rule(frozenset({"member", "ally", "funder"}), SLUG),
    "members:application_detail": Rule(
        frozenset({"applicant"}), at(public_id="application.public_id")
    ),
    "members:application_withdraw": Rule(
        frozenset({"applicant"}), at(public_id="application.public_id")
    ),
    "members:application_reopen": post(
        frozenset({"applicant"}), at(public_id="application.public_id")
    ),
    "members:application_ally": post(
        frozenset({"applicant"}), at(public_id="application.public_id")
    ),
    "members:application_inquiry": post(
        frozenset({"applicant"}),
        at(public_id="application.public_id", inquiry_id="inquiry.public_id"), answer="no",
    ),
    "members:application_document": Rule(
        frozenset({"applicant"}),
        at(public_id="application.public_id", evidence_id="evidence.public_id"), goes_on=True,
    ),
    # The file itself: for whom the token was made, and for minutes.
    "members:paper": Rule(frozenset({"reviewer"}), lambda world: {"token": world.paper_token()}),
    # A second look: the applicant; on the panel, whoever is seated.
    "members:appeal": Rule(frozenset({"applicant"}), at(public_id="appeal.application.public_id")),
    "members:appeal_withdraw": Rule(
        frozenset({"applicant"}), at(public_id="appeal.application.public_id")
    ),
    "members:appeal_file": Rule(
        frozenset({"applicant"}),
        at(public_id="appeal.application.public_id", file_id="appeal_file.public_id"),
        goes_on=True,
    ),
    "my_appeals": Rule(frozenset({"moderator"})),
    "panel_appeal": Rule(frozenset({"moderator"}), at(public_id="appeal.public_id")),
    "panel_leave": Rule(frozenset({"moderator"}), at(public_id="appeal.public_id")),
    "panel_document": Rule(
        frozenset({"moderator"}),
        at(public_id="appeal.public_id", evidence_id="appealed_evidence.public_id"), goes_on=True,
    ),
    "panel_file": Rule(
        frozenset({"moderator"}), at(public_id="appeal.public_id", file_id="appeal_file.public_id"),
        goes_on=True,
    ),
    # Joining: those who belong or wait are sent on, the others see the form.
    "members:community_join": Rule(
        EVERYBODY - {"member", "ally", "funder", "applicant"}, SLUG
    ),
    "members:join_organizations": Rule(SIGNED_IN, SLUG),
    "my_work": Rule(SIGNED_IN), "work_add": Rule(SIGNED_IN),
    "work_left": Rule(frozenset({"applicant"}), at(public_id="tie.public_id")),
    "work_primary": post(frozenset({"applicant"}), at(public_id="tie.public_id")),
    # An organization's own page: its contacts.
    "my_organizations": Rule(frozenset({"contact"}), goes_on=True),
    "organization_naming": post(
        frozenset({"contact"}),
        at(public_id="house.public_id", community_id="here.public_id"),
        answer="yes",
    ),
    "my_organization": Rule(frozenset({"contact"}), at(public_id="house.public_id")),
    "organization_send": Rule(frozenset({"contact"}), at(public_id="house.public_id")),
    "organization_document": Rule(
        NOBODY, at(public_id="house.public_id", evidence_id="evidence.public_id")
    ),
    "organization_person": post(
        frozenset({"contact"}), at(public_id="house.public_id", tie_id="tie.public_id"), do="yes"
    ),
    "organization_person_left": Rule(
        frozenset({"contact"}), at(public_id="house.public_id", tie_id="tie.public_id")
    ),
    # The desk's own pages.
    "admin:members_appeal_numbers": Rule(REVIEWERS), "admin:members_appeal_mine": Rule(REVIEWERS),
    "admin:members_appeal_file": Rule(
        COORDINATE | ADMIN, at(pk="appeal.pk", file_id="appeal_file.public_id"), goes_on=True
    ),
    "admin:members_membershipapplication_answer": post(
        DECIDE | ADMIN, at(pk="application.pk", public_id="inquiry.public_id"), answer="Yes"
    ),
    "admin:members_evidence_document": Rule(
        DECIDE | ADMIN, at(pk="evidence.pk"), goes_on=True
    ),
    "admin:index": Rule(STAFF), "admin:jsi18n": Rule(STAFF),
    "admin:library_libraryimport_template": Rule(KEEPERS_OF_EITHER),
    "admin:library_libraryimport_out": Rule(KEEPERS_OF_EITHER),
    "admin:members_importrun_export": Rule(frozenset({"coordinator", "outsider", "admin"})),
    "proof_list": Rule(WRITERS),
    "proof_detail": Rule(WRITERS, lambda world: {"name": "welcome"}),
    "proof_html": Rule(WRITERS, lambda world: {"name": "welcome"}),
    "proof_send": post(WRITERS, lambda world: {"name": "welcome"}, language="en"),
    **{
        f"outgoing_{name}": Rule(WRITERS)
        for name in ("board", "sending", "look", "why")
    },
    **{
        f"outgoing_{name}": Rule(NOBODY, at(), "post", {"mail": "elsewhere|x:y:"})
        for name in ("hold", "release", "stop", "move", "decide")
    },
    "outgoing_why_person": Rule(
        frozenset({"coordinator", "editor", "admin"}), at(public_id="membership.person.public_id")
    ),
    "outgoing_why_address": Rule(NOBODY, lambda world: {"pk": 1}),
}  # fmt: skip

# Model -> the roles of its community that open its list and its rows at the desk. The other
# community's coordinator opens the list too, and finds none of these rows in it.
ANY_DESK_ROLE = frozenset({"coordinator", "facilitator", "librarian", "reviewer", "editor"})
MODELS: dict[str, tuple[frozenset[str], str]] = {
    "members_appeal": (COORDINATE, "appeal"),
    "members_membershipapplication": (DECIDE, "application"),
    "members_organization": (DECIDE, "house"),
    "members_evidence": (DECIDE, "evidence"),
    "members_membership": (DECIDE, "membership"),
    "members_reviewtask": (DECIDE, ""),
    "members_rolegrant": (COORDINATE, ""),
    "members_community": (ANY_DESK_ROLE, "here"),
    "members_criterion": (ANY_DESK_ROLE, "criterion"),
    "members_stream": (ANY_DESK_ROLE, "stream"),
    "members_partner": (ANY_DESK_ROLE, "partner"),
    "members_participationagreement": (ANY_DESK_ROLE, "application.agreement"),
    "members_user": (NOBODY, "membership.person"),
    "members_importrun": (COORDINATE, ""),
    "members_invitation": (COORDINATE, "invitation"),
    "core_auditevent": (COORDINATE, ""),
    "meetings_meeting": (frozenset({"coordinator", "facilitator"}), "meeting"),
    "meetings_ballot": (COORDINATE, "ballot"),
    "meetings_topicproposal": (frozenset({"coordinator", "facilitator"}), "topic"),
    "meetings_meetingseries": (frozenset({"coordinator", "facilitator"}), ""),
    "library_resource": (frozenset({"coordinator", "librarian"}), "resource"),
    "library_libraryimport": (frozenset({"coordinator", "librarian"}), ""),
    "library_collection": (frozenset({"coordinator", "librarian"}), "collection"),
    "newsletter_newsletterissue": (frozenset({"coordinator", "editor"}), "draft"),
    "outbox_delivery": (COORDINATE, "delivery"),
    "outbox_subscription": (frozenset({"coordinator", "editor"}), "subscription"),
    "outbox_suppression": (frozenset({"coordinator", "editor"}), ""),
    "account_emailaddress": (NOBODY, ""),
    "mfa_authenticator": (NOBODY, ""),
    "auth_group": (NOBODY, ""),
}
# Lists that more people open than their rows: editors find their newsletters there.
WIDER_LISTS = {"outbox_delivery": frozenset({"editor"})}
# Pages of a row that its roles open by GET: the button that asks once more, the paper.
STEPS: dict[str, tuple[frozenset[str], Args]] = {
    "members_evidence_record": (DECIDE, at(pk="house.pk")),
    "members_organization_merge": (COORDINATE | DECIDE, at(pk="house.pk")),
    "members_organization_close": (COORDINATE | DECIDE, at(pk="house.pk")),
    "members_organization_naming": (COORDINATE | DECIDE, at(pk="house.pk")),
    "members_community_step": (COORDINATE, step("here", "pause")),
    "members_stream_step": (COORDINATE, step("stream", "close")),
    "members_invitation_withdraw": (COORDINATE, at(pk="invitation.pk")),
    "members_membership_step": (COORDINATE, step("membership", "remove")),
    "members_reviewtask_step": (
        DECIDE, lambda world: {"pk": world_task(world).pk, "name": "close"}
    ),
    "members_membershipapplication_together": (DECIDE, at(pk="application.pk")),
    "members_membershipapplication_office": (DECIDE, at(pk="application.pk")),
    "newsletter_issue_preview": (frozenset({"coordinator", "editor"}), at(pk="draft.pk")),
    "newsletter_invite_poster": (
        frozenset({"coordinator", "editor"}), lambda world: {"slug": "here", "language": "en"}
    ),
    "newsletter_issue_checks": (frozenset({"coordinator", "editor"}), at(pk="draft.pk")),
    "newsletter_issue_people": (frozenset({"coordinator", "editor"}), at(pk="draft.pk")),
    "newsletter_issue_versions": (frozenset({"coordinator", "editor"}), at(pk="draft.pk")),
    "newsletter_issue_picture": (
        frozenset({"coordinator", "editor"}), at(pk="draft.pk", item="draft_item.pk")
    ),
    "newsletter_issue_picture_file": (
        frozenset({"coordinator", "editor"}),
        at(pk="draft.pk", public_id="draft_picture.public_id"),
    ),
    "newsletter_issue_mail": (frozenset({"coordinator", "editor"}), at(pk="draft.pk")),
    "newsletter_issue_progress": (frozenset({"coordinator", "editor"}), at(pk="issue.pk")),
    "newsletter_issue_stop": (frozenset({"coordinator", "editor"}), at(pk="issue.pk")),
    "newsletter_issue_report": (frozenset({"coordinator", "editor"}), at(pk="issue.pk")),
    "newsletter_issue_report-csv": (frozenset({"coordinator", "editor"}), at(pk="issue.pk")),
    "library_resource_people": (
        frozenset({"coordinator", "librarian"}), at(object_id="resource.pk"),
    ),
    "library_resource_translation": (
        frozenset({"coordinator", "librarian"}), at(object_id="resource.pk"),
    ),
    "library_resource_ask": (
        frozenset({"coordinator", "librarian"}), at(object_id="resource.pk"),
    ),
    **{
        f"library_resource_{name}": (
            frozenset({"coordinator", "librarian"}), at(object_id="resource.pk"),
        )
        for name in ("version", "confirm", "supersede", "archive", "restore", "drop-versions")
    },
    "library_resource_withdraw": (
        frozenset({"coordinator", "librarian"}), at(object_id="resource.pk"),
    ),
    "meetings_meeting_cancel": (
        frozenset({"coordinator", "facilitator"}), at(object_id="meeting.pk"),
    ),
    "meetings_meeting_attendance": (
        frozenset({"coordinator", "facilitator"}), at(object_id="meeting.pk"),
    ),
    "meetings_meeting_feedback": (
        frozenset({"coordinator", "facilitator"}), at(object_id="meeting.pk"),
    ),
    "meetings_ballot_step": (COORDINATE, step("ballot", "cancel")),
    "meetings_year_plan_any": (
        frozenset({"coordinator", "facilitator", "outsider"}), lambda world: {},
    ),
    "meetings_year_plan": (frozenset({"coordinator", "facilitator"}), at("slug")),
    "meetings_topicproposal_word": (
        frozenset({"coordinator", "facilitator"}), at(object_id="topic.pk"),
    ),
    "meetings_meeting_topic": (
        frozenset({"coordinator", "facilitator"}), at(object_id="meeting.pk"),
    ),
    "meetings_meeting_agenda": (
        frozenset({"coordinator", "facilitator"}), at(object_id="meeting.pk"),
    ),
    "meetings_meeting_roles": (
        frozenset({"coordinator", "facilitator"}), at(object_id="meeting.pk"),
    ),
    "meetings_meeting_poster": (
        frozenset({"coordinator", "facilitator"}), at(object_id="meeting.pk"),
    ),
}  # fmt: skip
# Acts on one row, tried by POST without anything in it: those outside find nothing.
CLOSED_STEPS = (
    "members_membershipapplication_step",
    "members_evidence_step", "members_partner_step", "members_rolegrant_end",
    "meetings_meeting_publish", "meetings_ballot_slots",
    "meetings_meeting_held", "meetings_meeting_wrap", "meetings_meeting_restore",
    "meetings_meeting_door", "meetings_meeting_drop", "meetings_meeting_preview",
    "meetings_meetingseries_drafts",
    "meetings_meeting_notes", "meetings_meeting_runsheet",
    "library_resource_publish",
    "library_resource_return", "newsletter_issue_send", "newsletter_issue_cancel",
    "newsletter_issue_autosave",
    "newsletter_issue_resume", "newsletter_issue_unschedule", "newsletter_issue_pause",
    "newsletter_issue_go-on",
)  # fmt: skip
# Pages of the sign-in library: its own tests and ours for accounts walk them.
OF_THE_LIBRARY = ("account_", "mfa_")
# Django's own, without content of ours.
OF_DJANGO = (
    "admin:login", "admin:logout", "admin:password_change", "admin:password_change_done",
    "admin:autocomplete", "admin:view_on_site", "admin:app_list", "admin:?",
)  # fmt: skip
