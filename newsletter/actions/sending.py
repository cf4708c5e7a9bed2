"""The moment of sending: the list and the text are frozen, the first mail leaves a little later."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from cop.core.text import localized
from members.models import User
from newsletter.actions.drafting import turn_past_meetings
from newsletter.checking import stops
from newsletter.circles import RINGS
from newsletter.deliveries import batch_prefix, deliveries_of
from newsletter.emails import issue_email
from newsletter.links import LinkBook
from newsletter.models import NewsletterIssue
from newsletter.queries import EDITIONS, blocks_for, sources_of
from newsletter.recipients import HELD_BACK, Readers, find_readers
from newsletter.rules import MAX_BYTES, check_can_leave, check_editor, check_no_secret_link
from outbox.actions import cancel_deliveries, find_mailing_list, queue_batch
from outbox.models import Delivery, MailBatch, MailingList

State = NewsletterIssue.State
UNDO = timedelta(minutes=5)
Contents = dict[str, dict[str, str]]


@transaction.atomic
def send_issue(*, issue: NewsletterIssue, by: User, now: datetime, confirmed: bool = False) -> int:
    """Freeze recipients and text, and let the mail leave in five minutes. Returns how many.

    `confirmed`: send it although it holds fewer than three items (N9).
    """
    issue = NewsletterIssue.objects.select_related("community").get(pk=issue.pk)
    check_editor(by, issue.community)
    approved = (State.APPROVED, State.SCHEDULED)
    return freeze(issue, states=approved, sent_at=now + UNDO, by=by, now=now, confirmed=confirmed)


@transaction.atomic
def freeze(
    issue: NewsletterIssue,
    *,
    states: tuple[str, ...],
    sent_at: datetime,
    by: User | None,
    now: datetime,
    confirmed: bool,
) -> int:
    """The one way out, for the button and for the clock (`by=None`). Returns how many get it.

    `states`: from which it may leave. `sent_at`: when the first mail leaves. Raises ActionError
    with the reason; then nothing has changed.
    """
    old = issue.state
    _take(issue, states=states, sent_at=sent_at)
    turn_past_meetings(issue, now=now)
    links = LinkBook(issue)
    readers, contents = check_everything(issue, now=now, confirmed=confirmed, links=links)
    links.save()
    _keep_dates(issue)
    for edition in RINGS:
        _queue_edition(issue, edition, readers, contents[edition], now=now)
    # Whoever made a pause, or reads it in the digest, has a mail that tells so itself.
    issue.not_sent_to = {why: n for why, n in readers.left_out.items() if why not in HELD_BACK}
    issue.save(update_fields=["not_sent_to"])
    record(issue, "issue_sent", by=by, old=old, reason=str(readers.total))
    return readers.total


def _take(issue: NewsletterIssue, *, states: tuple[str, ...], sent_at: datetime) -> None:
    """Of two clicks one changes the row; the other waits for it, finds nothing and stops."""
    mine = NewsletterIssue.objects.filter(
        pk=issue.pk, state__in=states, state=issue.state, version=issue.version
    )
    if not mine.update(state=State.SENDING, sent_at=sent_at):
        raise ActionError(
            _("Only an approved issue can be sent. This one may be on its way already.")
        )
    issue.state, issue.sent_at = State.SENDING, sent_at


def check_everything(
    issue: NewsletterIssue, *, now: datetime, confirmed: bool, links: LinkBook | None = None
) -> tuple[Readers, dict[str, Contents]]:
    """Who gets it and what they read, by edition. Changes nothing; raises ActionError.

    `links`: what the mails count clicks with; whoever sends keeps it.
    """
    check_can_leave(issue, item_count=len(blocks_for(issue, EDITIONS)), confirmed=confirmed)
    check_no_secret_link(_texts(issue), issue.community)
    if wrong := stops(issue, now=now):
        raise ActionError(wrong[0].text)
    readers = find_readers(issue.community, now=now)
    if not readers.total:
        raise ActionError(
            _("Nobody has asked for this newsletter yet, so there is nobody to send it to.")
        )
    return readers, {edition: _contents(issue, edition, links) for edition in EDITIONS}


def record(
    issue: NewsletterIssue, action: str, *, by: User | None, old: str, reason: str = ""
) -> None:
    scope = issue.community.public_id
    audit.record(action, issue, by=by, scope=scope, old=old, new=issue.state, reason=reason)


def _texts(issue: NewsletterIssue) -> list[str]:
    names = ("title", "title_fr", "text", "text_fr", "path")
    parts = issue.items.filter(is_included=True).values_list(*names)
    own = [issue.subject, issue.subject_fr, issue.intro, issue.intro_fr]
    return [*own, *(text for part in parts for text in part)]


def _keep_dates(issue: NewsletterIssue) -> None:
    """What the mails say about each meeting stays so in the archive, wherever it moves (N8)."""
    items = list(issue.items.exclude(source=""))
    sources = sources_of(items)
    told = [item for item in items if item.source in sources]
    for item in told:
        source = sources[item.source]
        item.starts_at, item.ends_at, item.zone = source.starts_at, source.ends_at, source.zone
    issue.items.bulk_update(told, ["starts_at", "ends_at", "zone"])


def _contents(issue: NewsletterIssue, edition: str, links: LinkBook | None) -> Contents:
    contents = {}
    for language, _name in settings.LANGUAGES:
        email = issue_email(issue, edition, language, links=links)
        if len(email.html.encode()) > MAX_BYTES:
            raise ActionError(
                _(
                    "This issue is so long that mail programs would cut it off. Take some items "
                    "out, or make texts shorter."
                )
            )
        contents[language] = {
            "subject": email.subject,
            "text": email.text,
            "html": email.html,
            # What the weekly digest says of it, where it takes the place of this mail.
            "digest_title": localized(issue, "subject", language),
            "digest_path": issue.get_absolute_url(),
        }
    return contents


def _queue_edition(
    issue: NewsletterIssue, edition: str, readers: Readers, contents: Contents, *, now: datetime
) -> None:
    """An edition without readers is frozen too: whoever leaves a narrower circle meanwhile gets
    this one (outbox.circles)."""
    community, prefix = issue.community, batch_prefix(issue)
    queue_batch(
        key=f"{prefix}{edition}",
        kind="newsletter",
        mailing_list=find_mailing_list(community.public_id, MailingList.Kind.NEWSLETTER),
        contents=contents,
        recipients=readers.recipients[edition],
        now=now,
        due_at=issue.sent_at,
        reply_to=community.contact_email,
        once=prefix,
    )


@transaction.atomic
def cancel_send(*, issue: NewsletterIssue, by: User, now: datetime) -> None:
    """Take the sending back before the first mail leaves. The issue is as it was: approved, or a
    draft where it left by itself."""
    rows = NewsletterIssue.objects.select_related("community").select_for_update(of=("self",))
    issue = rows.get(pk=issue.pk)
    check_editor(by, issue.community)
    if issue.state == State.APPROVED:
        raise ActionError(_("It has been taken back already. Nothing has left."))
    if issue.state != State.SENDING or issue.sent_at <= now or not _stop_mail(issue, now=now):
        raise ActionError(
            _(
                "It is too late to take this back: the first mails have left. Corrections go out "
                "as a new mail."
            )
        )
    issue.state = State.APPROVED if issue.approved_by_id else State.EDITING
    issue.sent_at, issue.scheduled_at, issue.not_sent_to = None, None, {}
    issue.version += 1
    issue.save(update_fields=["state", "sent_at", "scheduled_at", "not_sent_to", "version"])
    record(issue, "issue_send_cancelled", by=by, old=State.SENDING)


def _stop_mail(issue: NewsletterIssue, *, now: datetime) -> bool:
    """Cancel what waits. False if a mail has begun to leave."""
    prefix = batch_prefix(issue)
    MailBatch.objects.filter(key__startswith=prefix).update(
        state=MailBatch.State.CANCELLED, reason="taken back"
    )
    cancel_deliveries(prefix=prefix, reason="taken back", now=now)
    begun = [Delivery.State.CLAIMED, Delivery.State.SENT, Delivery.State.UNCERTAIN]
    return not deliveries_of(issue).filter(state__in=begun).exists()
