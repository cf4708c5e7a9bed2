"""Nobody is named without their yes to the very words (CO1, CO2)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.actions.tasks import open_review_task
from members.models import ReviewTask, User
from newsletter.actions.editing import lock_issue
from newsletter.models import NamedPerson, NewsletterIssue
from newsletter.naming import Named, named_in
from newsletter.person_mail import queue_question, queue_taken_back
from newsletter.recipients import editors_of
from newsletter.rules import check_editor

Answer = NamedPerson.Answer
# A name that has to come out is out of the archive at once; by then somebody has looked (CO2).
LOOK_WITHIN = timedelta(days=2)


@transaction.atomic
def ask_person(*, issue: NewsletterIssue, person: User, by: User, now: datetime) -> NamedPerson:
    """Ask by mail, with the words as they stand. Raises ActionError where they said no already."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    named = _named(issue, person)
    row = issue.named_people.filter(person=person).first()
    if row and row.answer in {Answer.NO, Answer.WITHDRAWN}:
        raise ActionError(_("%(name)s said no. We do not ask again.") % {"name": person})
    values = {
        "answer": Answer.ASKED,
        "words": named.words,
        "asked_at": now,
        "asked_by": by,
        "answered_at": None,
        "how": "",
    }
    row, _made = NamedPerson.objects.update_or_create(issue=issue, person=person, defaults=values)
    row.issue = issue
    queue_question(row, named)
    _record(row, "name_asked", by=by)
    return row


@transaction.atomic
def note_answer(
    *, issue: NewsletterIssue, person: User, by: User, given: bool, how: str, now: datetime
) -> NamedPerson:
    """What they told an editor, and how: by phone, in the meeting. Their own no holds."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    named = _named(issue, person)
    if not how.strip():
        raise ActionError(_("Write down how they said it: by phone, on what day."))
    row = issue.named_people.filter(person=person).first()
    if given and row and row.answer in {Answer.NO, Answer.WITHDRAWN} and row.how == "link":
        raise ActionError(
            _("%(name)s said no by their own link. Only they can change that.") % {"name": person}
        )
    values = {
        "answer": Answer.YES if given else Answer.NO,
        "words": named.words,
        "answered_at": now,
        "how": how.strip()[:200],
    }
    created = values | {"asked_at": now, "asked_by": by}
    row, _made = NamedPerson.objects.update_or_create(
        issue=issue, person=person, defaults=values, create_defaults=created
    )
    _record(row, "name_noted", by=by)
    return row


def _named(issue: NewsletterIssue, person: User) -> Named:
    if not issue.is_editable:
        raise ActionError(_("This issue has left already, so it stays as it is."))
    found = next((one for one in named_in(issue) if one.person == person.pk), None)
    if found is None:
        raise ActionError(_("They are not named in it any more. Look at it again."))
    return found


@transaction.atomic
def answer_naming(*, row: NamedPerson, given: bool, now: datetime) -> NamedPerson:
    """By their own link: yes, no, or the yes taken back. Saying the same twice changes nothing."""
    rows = NamedPerson.objects.select_related("issue__community", "person")
    row = rows.select_for_update(of=("self",)).get(pk=row.pk)
    had_yes = row.answer == Answer.YES
    answer = Answer.YES if given else Answer.WITHDRAWN if had_yes else Answer.NO
    if row.answer == answer or (not given and row.answer == Answer.WITHDRAWN):
        return row
    if given and row.words != _present_words(row):
        raise ActionError(
            _("The words were changed since we asked. The editors will ask you again.")
        )
    row.answer, row.answered_at, row.how = answer, now, "link"
    row.save(update_fields=["answer", "answered_at", "how"])
    _record(row, "name_answered", by=row.person)
    if not given:
        _tell_editors(row, had_yes=had_yes, now=now)
    return row


def _present_words(row: NamedPerson) -> str:
    if not row.issue.is_editable:
        return row.words
    named = next((one for one in named_in(row.issue) if one.person == row.person_id), None)
    return named.words if named else ""


def _tell_editors(row: NamedPerson, *, had_yes: bool, now: datetime) -> None:
    """Before it leaves it is an editor's work; after that, a task with a day (CO2)."""
    issue = row.issue
    has_left = issue.state in issue.LEFT
    if not (had_yes or has_left):
        return
    for editor in editors_of(issue.community, on=now.date()):
        queue_taken_back(issue, editor, has_left=has_left, now=now)
    if has_left:
        open_review_task(
            community=issue.community,
            kind=ReviewTask.Kind.NAME_TAKEN_BACK,
            now=now,
            due_on=(now + LOOK_WITHIN).date(),
            note=_("Newsletter %(number)s: see “People in it”.") % {"number": issue.number},
        )


def _record(row: NamedPerson, action: str, *, by: User) -> None:
    scope = row.issue.community.public_id
    audit.record(action, row.issue, by=by, scope=scope, new=row.answer)


@transaction.atomic
def take_off_page(*, issue: NewsletterIssue, item: int, by: User) -> None:
    """After it has left: the one change there is to the page in the archive, to show less (CO2)."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    if issue.is_editable:
        raise ActionError(_("It has not left yet. Change the words, or take the item out."))
    rows = issue.items.filter(pk=item, is_included=True)
    if not rows.update(is_included=False):
        raise ActionError(_("It is not on the page any more."))
    audit.record("issue_item_off", issue, by=by, scope=issue.community.public_id)
