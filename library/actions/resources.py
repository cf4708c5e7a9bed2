from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.scan import ScanState, scan_waiting
from cop.core.uploads import CheckedUpload
from library import emails
from library.actions.contents import (
    CONTENT_FIELDS,
    apply_content,
    attach,
    check_complete,
    keep_version,
    minutes_of,
)
from library.actions.credits import add_credit, check_consents
from library.actions.indexing import reindex
from library.errors import Incomplete, NotNow, TooMany, WouldWiden
from library.models import Resource, ResourceVersion, Visibility
from library.rules import RECORDING_DAYS, REVIEW_DAYS, missing_for
from members.models import Community, User

State = Resource.State
DOUBLE_TAP = timedelta(minutes=1)
MAX_WAITING = 20
# How many may see it, from few to many (L3).
WIDTH = [Visibility.MEMBERS, Visibility.MEMBERS_AND_ALLIES, Visibility.PUBLIC]


@transaction.atomic
def submit_resource(
    *,
    community: Community,
    person: User,
    now: datetime,
    publish: bool = False,
    upload: CheckedUpload | None = None,
    shows_people: bool = False,
    **fields: Any,  # noqa: ANN401  kind, title, summary, language, visibility, rights, url, body …
) -> Resource:
    """`publish`: at once, by who looks after the library. `shows_people`: after their yes (L4)."""
    resource = Resource(community=community, submitted_by=person, **fields)
    attach(resource, upload)
    resource.reading_minutes = resource.reading_minutes or minutes_of(resource.body)
    check_complete(resource)
    # One sending of a person after the other: neither a double tap nor the limit slips through.
    User.objects.select_for_update().get(pk=person.pk)
    before = _same_again(resource, now)
    if before is not None:
        return before
    if publish and not missing_for(resource):
        mark_published(resource, now)
    else:
        _check_patience(community, person)
    resource.save(force_insert=True)
    reindex(resource)
    note("resource_submitted", resource, by=person, new=resource.state)
    if shows_people:
        somebody = _("Somebody in it: the sender knows who")
        add_credit(resource=resource, part="speaker", by=person, now=now, name=somebody)
        resource.refresh_from_db(fields=["state", "return_reason"])
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
    resource = lock_resource(resource, State.IN_REVIEW, State.RETURNED)
    old = resource.state
    names = apply_content(resource, fields, upload)
    check_complete(resource)
    resource.state = State.IN_REVIEW
    resource.save(update_fields=[*names, "state"])
    reindex(resource)
    note("resource_resubmitted", resource, by=by, old=old, new=resource.state)
    return resource


@transaction.atomic
def edit_resource(
    *,
    resource: Resource,
    by: User,
    now: datetime,
    upload: CheckedUpload | None = None,
    change_note: str = "",
    seen: int | None = None,
    **fields: Any,  # noqa: ANN401
) -> Resource:
    """Tidy: words, kind, topics. Never for more eyes than its sender agreed to.

    What people could read already keeps its earlier content: `change_note` says what changed.
    `seen`: the version that was on the screen; a newer one is not overwritten unseen.
    """
    resource = Resource.objects.select_for_update().get(pk=resource.pk)
    is_new_version = resource.is_shown and bool(upload or _changes_content(resource, fields))
    if is_new_version:
        check_seen(resource, seen)
        keep_version(resource=resource, by=by, now=now, change_note=change_note)
        fields["version"] = resource.version
    if "visibility" in fields:
        check_not_wider(resource, fields["visibility"], by=by)
        if resource.is_shown:
            check_consents(resource, fields["visibility"])
    names = apply_content(resource, fields, upload, keeps_old=is_new_version)
    check_complete(resource)
    resource.save(update_fields=names)
    reindex(resource)
    note("resource_edited", resource, by=by)
    return resource


@transaction.atomic
def publish_resource(
    *, resource: Resource, by: User, now: datetime, is_checked: bool = False
) -> Resource:
    """`is_checked`: the list of what only a person can see was gone through and is signed now."""
    resource = lock_resource(resource, State.IN_REVIEW)
    if is_checked:
        resource.checked_by, resource.checked_at = by, now
    check_complete(resource)
    if resource.scan_state == ScanState.INFECTED:
        raise Incomplete(_("The scanner found something harmful in the file. Return it instead."))
    check_consents(resource)
    missing = missing_for(resource)
    if missing:
        raise Incomplete(" ".join(missing))
    old = resource.state
    mark_published(resource, now)
    resource.save(
        update_fields=[
            "state",
            "published_at",
            "review_due_on",
            "expires_on",
            "return_reason",
            "checked_by",
            "checked_at",
        ]
    )
    reindex(resource)
    note("resource_published", resource, by=by, old=old, new=resource.state)
    if resource.submitted_by is not None and resource.submitted_by != by:
        emails.queue_published(resource)
    return resource


@transaction.atomic
def return_resource(*, resource: Resource, by: User, reason: str, now: datetime) -> Resource:
    """Back to its sender, with the words of the librarian."""
    resource = lock_resource(resource, State.IN_REVIEW)
    move_resource(resource, State.RETURNED, "resource_returned", by=by, reason=reason)
    if resource.submitted_by is not None and resource.submitted_by != by:
        emails.queue_returned(resource, now=now)
    return resource


@transaction.atomic
def withdraw_resource(*, resource: Resource, by: User, reason: str) -> Resource:
    """Out of the library. Its address stays and says why."""
    resource = lock_resource(resource, *Resource.SHOWN_STATES)
    move_resource(resource, State.WITHDRAWN, "resource_withdrawn", by=by, reason=reason)
    return resource


def scan_files() -> None:
    """Show the scanner what it has not seen yet. Safe to run twice; does nothing without one."""
    for resource in scan_waiting(Resource.objects.exclude(file=""), "file"):
        if resource.scan_state == ScanState.INFECTED:
            note("file_infected", resource, by=None, new=resource.scan_state)
    earlier = ResourceVersion.objects.select_related("resource__community").exclude(file="")
    for version in scan_waiting(earlier, "file"):
        if version.scan_state == ScanState.INFECTED:
            note("file_infected", version.resource, by=None, new=version.scan_state)


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


def check_seen(resource: Resource, seen: int | None) -> None:
    if seen is not None and seen != resource.version:
        raise NotNow(
            _("Somebody put in version %(number)s meanwhile. Look at it, then change it again.")
            % {"number": resource.version}
        )


def _changes_content(resource: Resource, fields: dict[str, Any]) -> bool:
    return any(fields.get(name, getattr(resource, name)) != getattr(resource, name)
               for name in CONTENT_FIELDS)  # fmt: skip


def lock_resource(resource: Resource, *states: str) -> Resource:
    # Two librarians may press at once: the first one decides.
    locked = Resource.objects.select_for_update().get(pk=resource.pk)
    if locked.state not in states:
        raise NotNow(
            _("This is not possible any more: the state is now “%(state)s”. Look at it again.")
            % {"state": locked.get_state_display()}
        )
    return locked


def move_resource(resource: Resource, state: str, action: str, *, by: User, reason: str) -> None:
    if not reason.strip():
        raise Incomplete(_("Write a reason: people will read it."))
    old, resource.state, resource.return_reason = resource.state, state, reason.strip()[:300]
    resource.save(update_fields=["state", "return_reason"])
    note(action, resource, by=by, old=old, new=state, reason=resource.return_reason)


def mark_published(resource: Resource, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(resource.community.timezone)).date()
    resource.state = State.PUBLISHED
    resource.return_reason = ""
    resource.published_at = resource.published_at or now
    days = REVIEW_DAYS.get(resource.kind)
    if days and resource.review_due_on is None:
        resource.review_due_on = today + timedelta(days=days)
    if resource.kind == Resource.Kind.RECORDING and resource.expires_on is None:
        resource.expires_on = today + timedelta(days=RECORDING_DAYS)


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


def note(action: str, resource: Resource, *, by: User | None, **words: str) -> None:
    record(f"library.{action}", resource, by=by, scope=resource.community.public_id, **words)
