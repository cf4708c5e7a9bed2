from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from cop.core.keeping_files import forget_file
from cop.core.scan import ScanState, first_state, scan_waiting
from cop.core.uploads import CheckedUpload
from library import emails
from library.actions.credits import check_consents
from library.actions.indexing import reindex
from library.models import Resource, ResourceVersion, Visibility
from members.models import Community, User

State = Resource.State
# Months until somebody should look again whether it still holds (model of the library).
REVIEW_DAYS = {Resource.Kind.BEST_PRACTICE: 730, Resource.Kind.GUIDELINE: 365}
WORDS_A_MINUTE = 200
DOUBLE_TAP = timedelta(minutes=1)
MAX_WAITING = 20
CONTENT_FIELDS = ("url", "body", "file")
# How many may see it, from few to many (L3).
WIDTH = [Visibility.MEMBERS, Visibility.MEMBERS_AND_ALLIES, Visibility.PUBLIC]


class NotNow(ActionError):
    """The state of the resource does not allow it; often somebody else was faster."""


class Incomplete(ActionError):
    """Something is missing, or two things do not go together (L1, L2)."""


class TooMany(ActionError):
    """Enough waits already."""


class WouldWiden(ActionError):
    """More people would see it than the one who sent it in agreed to (L3)."""


@transaction.atomic
def submit_resource(
    *,
    community: Community,
    person: User,
    now: datetime,
    publish: bool = False,
    upload: CheckedUpload | None = None,
    **fields: Any,  # noqa: ANN401  kind, title, summary, language, visibility, rights, url, body …
) -> Resource:
    """Take in a link, a text or a file. `publish`: at once, for who looks after the library."""
    resource = Resource(community=community, submitted_by=person, **fields)
    _attach(resource, upload)
    resource.reading_minutes = resource.reading_minutes or _minutes(resource.body)
    _check_complete(resource)
    # One sending of a person after the other: neither a double tap nor the limit slips through.
    User.objects.select_for_update().get(pk=person.pk)
    before = _same_again(resource, now)
    if before is not None:
        return before
    if publish:
        _mark_published(resource, now)
    else:
        _check_patience(community, person)
    resource.save(force_insert=True)
    reindex(resource)
    _record("resource_submitted", resource, by=person, new=resource.state)
    return resource


@transaction.atomic
def resubmit_resource(
    *,
    resource: Resource,
    by: User,
    upload: CheckedUpload | None = None,
    **fields: Any,  # noqa: ANN401
) -> Resource:
    """The sender's own change while it waits. It goes (back) to the librarian."""
    resource = _lock(resource, State.IN_REVIEW, State.RETURNED)
    old = resource.state
    names = _apply(resource, fields, upload)
    _check_complete(resource)
    resource.state = State.IN_REVIEW
    resource.save(update_fields=[*names, "state"])
    reindex(resource)
    _record("resource_resubmitted", resource, by=by, old=old, new=resource.state)
    return resource


@transaction.atomic
def edit_resource(
    *,
    resource: Resource,
    by: User,
    upload: CheckedUpload | None = None,
    **fields: Any,  # noqa: ANN401
) -> Resource:
    """Tidy: words, kind, topics. Never for more eyes than its sender agreed to."""
    resource = Resource.objects.select_for_update().get(pk=resource.pk)
    if "visibility" in fields:
        check_not_wider(resource, fields["visibility"], by=by)
        if resource.is_shown:
            check_consents(resource, fields["visibility"])
    names = _apply(resource, fields, upload)
    _check_complete(resource)
    resource.save(update_fields=names)
    reindex(resource)
    _record("resource_edited", resource, by=by)
    return resource


@transaction.atomic
def publish_resource(*, resource: Resource, by: User, now: datetime) -> Resource:
    resource = _lock(resource, State.IN_REVIEW)
    _check_complete(resource)
    if resource.scan_state == ScanState.INFECTED:
        raise Incomplete(_("The scanner found something harmful in the file. Return it instead."))
    check_consents(resource)
    old = resource.state
    _mark_published(resource, now)
    resource.save(update_fields=["state", "published_at", "review_due_on", "return_reason"])
    reindex(resource)
    _record("resource_published", resource, by=by, old=old, new=resource.state)
    if resource.submitted_by is not None and resource.submitted_by != by:
        emails.queue_published(resource)
    return resource


@transaction.atomic
def return_resource(*, resource: Resource, by: User, reason: str, now: datetime) -> Resource:
    """Back to its sender, with the words of the librarian."""
    resource = _lock(resource, State.IN_REVIEW)
    _move(resource, State.RETURNED, "resource_returned", by=by, reason=reason)
    if resource.submitted_by is not None and resource.submitted_by != by:
        emails.queue_returned(resource, now=now)
    return resource


@transaction.atomic
def withdraw_resource(*, resource: Resource, by: User, reason: str) -> Resource:
    """Out of the library. Its address stays and says why."""
    resource = _lock(resource, *Resource.SHOWN_STATES)
    _move(resource, State.WITHDRAWN, "resource_withdrawn", by=by, reason=reason)
    return resource


def scan_files() -> None:
    """Show the scanner what it has not seen yet. Safe to run twice; does nothing without one."""
    for resource in scan_waiting(Resource.objects.exclude(file=""), "file"):
        if resource.scan_state == ScanState.INFECTED:
            _record("file_infected", resource, by=None, new=resource.scan_state)
    earlier = ResourceVersion.objects.select_related("resource__community").exclude(file="")
    for version in scan_waiting(earlier, "file"):
        if version.scan_state == ScanState.INFECTED:
            _record("file_infected", version.resource, by=None, new=version.scan_state)


def check_not_wider(resource: Resource, visibility: str, *, by: User) -> None:
    """Raises WouldWiden, unless the sender asks."""
    if resource.submitted_by_id == by.pk:
        return
    if WIDTH.index(visibility) > WIDTH.index(resource.visibility):
        raise WouldWiden(
            _(
                "More people would see this than its sender agreed to. Only the sender can open "
                "it to more: send it back and ask."
            )
        )


def _lock(resource: Resource, *states: str) -> Resource:
    # Two librarians may press at once: the first one decides.
    locked = Resource.objects.select_for_update().get(pk=resource.pk)
    if locked.state not in states:
        raise NotNow(
            _("This is not possible any more: the state is now “%(state)s”. Look at it again.")
            % {"state": locked.get_state_display()}
        )
    return locked


def _move(resource: Resource, state: str, action: str, *, by: User, reason: str) -> None:
    if not reason.strip():
        raise Incomplete(_("Write a reason: people will read it."))
    old, resource.state, resource.return_reason = resource.state, state, reason.strip()[:300]
    resource.save(update_fields=["state", "return_reason"])
    _record(action, resource, by=by, old=old, new=state, reason=resource.return_reason)


def _mark_published(resource: Resource, now: datetime) -> None:
    days = REVIEW_DAYS.get(resource.kind)
    resource.state = State.PUBLISHED
    resource.return_reason = ""
    resource.published_at = resource.published_at or now
    if days and resource.review_due_on is None:
        resource.review_due_on = (now + timedelta(days=days)).date()


def _apply(resource: Resource, fields: dict[str, Any], upload: CheckedUpload | None) -> list[str]:
    """Set the fields and return the names to save. A new main content replaces the old one (L1)."""
    for name, value in fields.items():
        setattr(resource, name, value)
    names = list(fields)
    if upload is not None:
        resource.url = resource.body = ""
        names += [*_attach(resource, upload), "url", "body"]
    elif resource.file and (fields.get("url") or fields.get("body")):
        forget_file(resource.file.name)
        resource.file, resource.scan_state = "", ScanState.OFF
        resource.file_name = resource.file_type = ""
        resource.file_size = None
        _forget_text(resource, Resource.TextState.NONE)
        names += FILE_FIELDS
    if "body" in names and "reading_minutes" not in fields:
        resource.reading_minutes = _minutes(resource.body) or resource.reading_minutes
        names.append("reading_minutes")
    return list(dict.fromkeys(names))


FILE_FIELDS = [
    "file", "file_name", "file_size", "file_type", "scan_state",
    "text_state", "text_tries", "file_text", "preview_pages",
]  # fmt: skip


def _attach(resource: Resource, upload: CheckedUpload | None) -> list[str]:
    if upload is None:
        return []
    forget_file(resource.file.name)
    resource.file = upload.content_file
    resource.file_name = upload.name
    resource.file_size = upload.size
    resource.file_type = upload.type
    resource.scan_state = first_state()
    # A worker reads it, once the scanner has seen it.
    _forget_text(resource, Resource.TextState.WAITING)
    return FILE_FIELDS


def _forget_text(resource: Resource, state: str) -> None:
    resource.text_state, resource.text_tries = state, 0
    resource.file_text, resource.preview_pages = "", 0


def _minutes(body: str) -> int | None:
    return max(1, round(len(body.split()) / WORDS_A_MINUTE)) if body else None


def _check_complete(resource: Resource) -> None:
    if sum(bool(getattr(resource, name)) for name in CONTENT_FIELDS) != 1:
        raise Incomplete(_("Give exactly one: a link, a file or a text."))
    if not (resource.title.strip() and resource.summary.strip()):
        raise Incomplete(_("Give it a title and a summary, so that people find it."))
    if resource.rights == Resource.Rights.LINK_ONLY and not resource.url:
        raise Incomplete(
            _("What belongs to others can only be a link. Give the link, or choose other rights.")
        )


def _same_again(resource: Resource, now: datetime) -> Resource | None:
    """The same thing sent a moment ago: a double tap, or a slow line that tried again."""
    return (
        Resource.objects.filter(
            community=resource.community,
            submitted_by=resource.submitted_by,
            title=resource.title,
            summary=resource.summary,
            url=resource.url,
            body=resource.body,
            file_name=resource.file_name,
            created_at__gte=now - DOUBLE_TAP,
        )
        .order_by("pk")
        .first()
    )


def _check_patience(community: Community, person: User) -> None:
    waiting = Resource.objects.filter(
        community=community, submitted_by=person, state=State.IN_REVIEW
    )
    if waiting.count() >= MAX_WAITING:
        raise TooMany(
            _("%(number)s of yours wait for the librarian. Send more when these are through.")
            % {"number": MAX_WAITING}
        )


def _record(action: str, resource: Resource, *, by: User | None, **words: str) -> None:
    record(f"library.{action}", resource, by=by, scope=resource.community.public_id, **words)
