"""Samples of what the makers of an issue hear, and of the question to whom they name."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene
from members.mailing import community_email
from members.samples import sample_person
from newsletter.editor_mail import (
    LEAVES,
    MISSED,
    REPORT,
    leaves_context,
    missed_context,
    report_context,
)
from newsletter.editor_mail import WHY as WHY_EDITOR
from newsletter.models import NamedPerson
from newsletter.naming import Named, Passage
from newsletter.person_mail import ASKED, TAKEN_BACK, question_context, taken_back_context
from newsletter.person_mail import WHY_ASKED as WHY_ASKED_NAME
from newsletter.samples.issues import EDITORS, sample_issue


def may_we(scene: Scene) -> Email:
    issue, person = sample_issue(scene), sample_person(scene)
    title = scene.said("Two years of Thursdays", "Deux ans de jeudis")
    text = scene.said(
        f"{person} opened the door for **everybody** who came late.",
        f"{person} a ouvert la porte à **tout le monde**.",
    )
    passages = [Passage(1, title, text)]
    row = NamedPerson(issue=issue, person=person)
    return community_email(
        community=issue.community,
        person=person,
        template=f"newsletter/email/{ASKED}",
        why=WHY_ASKED_NAME,
        context=question_context(row, Named(1, str(person), passages, is_spotlight=True)),
    )


def name_out(scene: Scene) -> Email:
    issue = sample_issue(scene)
    return community_email(
        community=issue.community,
        person=sample_person(scene),
        template=f"newsletter/email/{TAKEN_BACK}",
        why=WHY_EDITOR,
        context=taken_back_context(issue, has_left=True),
    )


def _to_editor(scene: Scene, template: str, context: dict[str, Any]) -> Email:
    return community_email(
        community=sample_issue(scene).community,
        person=sample_person(scene),
        template=template,
        why=WHY_EDITOR,
        context=context,
    )


def leaves_by_itself(scene: Scene) -> Email:
    at = scene.now + timedelta(days=3)
    return _to_editor(scene, LEAVES, leaves_context(sample_issue(scene), at=at))


def missed(scene: Scene) -> Email:
    reason = scene.said("It has no subject yet.", "Elle n'a pas encore d'objet.")
    return _to_editor(scene, MISSED, missed_context(sample_issue(scene), reason=reason))


def report(scene: Scene) -> Email:
    numbers = {
        "recipients": 412,
        "delivered": 404,
        "delivered_share": 98.1,
        "bounced_total": 8,
        "unsubscribed": 2,
        "clicks": 131,
    }
    return _to_editor(scene, REPORT, report_context(sample_issue(scene), report=numbers))


SAMPLES = [
    Sample(
        ASKED,
        ASKED,
        f"newsletter/email/{ASKED}",
        _("May we name you?"),
        _("whoever is named in a draft"),
        _("an editor presses “Ask by e-mail”; once for the same words"),
        may_we,
    ),
    Sample(
        TAKEN_BACK,
        TAKEN_BACK,
        f"newsletter/email/{TAKEN_BACK}",
        _("A name comes out of the newsletter"),
        EDITORS,
        _("somebody took their yes back"),
        name_out,
    ),
    Sample(
        "newsletter_leaves_by_itself",
        "newsletter_leaves_by_itself",
        LEAVES,
        _("The newsletter leaves by itself"),
        EDITORS,
        _("three days before, where a community chose that newsletters leave by themselves"),
        leaves_by_itself,
    ),
    Sample(
        "newsletter_missed",
        "newsletter_missed",
        MISSED,
        _("The newsletter did not leave"),
        EDITORS,
        _("something stood in the way at its hour, or the site was not running"),
        missed,
    ),
    Sample(
        "newsletter_report",
        "newsletter_report",
        REPORT,
        _("How the newsletter went"),
        EDITORS,
        _("a week after it left"),
        report,
    ),
]
