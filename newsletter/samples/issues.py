"""Samples of the newsletter and of the mails to those who make it."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from cop.core.mail import Email, render_email
from cop.core.samples import Sample, Scene
from meetings.samples import sample_meeting
from members.mailing import community_email, footer
from members.samples import sample_community, sample_person
from newsletter.digests import Digest, Line
from newsletter.emails import (
    TEMPLATE,
    WHY,
    WHY_DRAFT,
    WHY_TEST,
    build_email,
    digest_email,
    draft_context,
)
from newsletter.models import IssueItem, NewsletterIssue
from newsletter.queries import Block, Source
from newsletter.signup import WHY as WHY_ASKED
from outbox.links import confirm_url

CONFIRM = "outbox/email/confirm_subscription"


def sample_issue(scene: Scene) -> NewsletterIssue:
    today: date = scene.now.date()
    return NewsletterIssue(
        community=sample_community(scene),
        number=4,
        period_from=today - timedelta(days=60),
        period_to=today,
        send_on=today + timedelta(days=3),
        subject=scene.said("What helped us through winter", "Ce qui nous a aidés cet hiver"),
        intro=scene.said(
            "Eleven houses met in November. Here is what they took home.",
            "Onze maisons se sont rencontrées en novembre. Voici ce qu'elles en retiennent.",
        ),
    )


def _blocks(scene: Scene, issue: NewsletterIssue) -> list[Block]:
    meeting = sample_meeting(scene)
    when = Source("public", meeting.starts_at, meeting.ends_at, meeting.timezone)
    items = [
        (
            IssueItem.Kind.MEETING_NEXT,
            meeting.title,
            scene.said("Bring one night that went well.", "Apportez une nuit réussie."),
            when,
            False,
        ),
        (
            IssueItem.Kind.NEW_RESOURCE,
            scene.said("Handover in ten lines", "La relève en dix lignes"),
            "",
            Source("members"),
            True,
        ),
        (
            IssueItem.Kind.OWN_TEXT,
            scene.said("Thank you, Femi", "Merci, Femi"),
            scene.said("Two years of Thursday mornings.", "Deux ans de jeudis matin."),
            None,
            False,
        ),
    ]
    found = []
    for kind, title, text, source, is_teaser in items:
        item = IssueItem(issue=issue, kind=kind, title=title, text=text)
        url = absolute(meeting.get_absolute_url() if source is when else issue.get_absolute_url())
        found.append(Block(item, source, not is_teaser, is_teaser, url if source else ""))
    return found


def newsletter(scene: Scene) -> Email:
    issue = sample_issue(scene)
    return build_email(issue, _blocks(scene, issue), scene.language, WHY)


def newsletter_test(scene: Scene) -> Email:
    issue = sample_issue(scene)
    return build_email(issue, _blocks(scene, issue), scene.language, WHY_TEST, is_test=True)


def _draft(scene: Scene, *, is_late: bool) -> Email:
    issue = sample_issue(scene)
    return community_email(
        community=issue.community,
        person=sample_person(scene),
        template="newsletter/email/draft_ready",
        why=WHY_DRAFT,
        context=draft_context(issue, item_count=2 if is_late else 5, is_late=is_late),
    )


def draft_ready(scene: Scene) -> Email:
    return _draft(scene, is_late=False)


def draft_late(scene: Scene) -> Email:
    return _draft(scene, is_late=True)


def confirm_subscription(scene: Scene) -> Email:
    community = sample_community(scene)
    frame = footer(community, language=scene.language, why=WHY_ASKED, can_stop=False)
    context = frame | {
        "confirm_url": confirm_url(["sample", "sample"]),
        "has_account": False,
        "choices_url": "",
    }
    return render_email(CONFIRM, context, language=scene.language)


def weekly_digest(scene: Scene) -> Email:
    issue, meeting = sample_issue(scene), sample_meeting(scene)
    library = f"/{issue.community.slug}/library/sample/"
    lines = (
        Line("held", issue.subject, issue.get_absolute_url()),
        Line(
            "meeting",
            meeting.title,
            meeting.get_absolute_url(),
            meeting.starts_at,
            meeting.ends_at,
        ),
        Line("resource", scene.said("Handover in ten lines", "La relève en dix lignes"), library),
    )
    zone = issue.community.timezone
    return digest_email(issue.community, Digest(lines, more=12), scene.language, zone)


EDITORS = _("editors and coordinators")
SAMPLES = [
    Sample(
        "confirm_subscription",
        "confirm_subscription",
        CONFIRM,
        _("Do you want the newsletter?"),
        _("whoever gave an address without an account"),
        _("somebody asked for the newsletter; at most once an hour"),
        confirm_subscription,
    ),
    Sample(
        "newsletter",
        "newsletter",
        TEMPLATE,
        _("Newsletter"),
        _("whoever asked for it"),
        _("an approved issue is sent"),
        newsletter,
        stop=_("with one tap in each mail"),
        is_budgeted=True,
    ),
    Sample(
        "weekly_digest",
        "weekly_digest",
        "newsletter/email/weekly_digest",
        _("Weekly digest"),
        _("whoever asked for it"),
        _("Tuesday at 9:00, if there is something new"),
        weekly_digest,
        stop=_("with one tap in each mail"),
        is_budgeted=True,
    ),
    Sample(
        "newsletter_test",
        "newsletter_test",
        TEMPLATE,
        _("Test of a newsletter"),
        EDITORS,
        _("they press “Send me a test”"),
        newsletter_test,
    ),
    Sample(
        "newsletter_draft_ready",
        "newsletter_draft_ready",
        "newsletter/email/draft_ready",
        _("The draft is ready"),
        EDITORS,
        _("some days before an issue is planned"),
        draft_ready,
    ),
    Sample(
        "newsletter_draft_late",
        "newsletter_draft_ready",
        "newsletter/email/draft_ready",
        _("The draft is ready, and late"),
        EDITORS,
        _("the planned day has gone by"),
        draft_late,
    ),
]
