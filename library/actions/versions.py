"""A new version of what people read already: the one before stays, with a note on what changed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.uploads import CheckedUpload
from library.actions.contents import CONTENT_FIELDS, throw_versions
from library.actions.resources import check_seen, edit_resource, lock_resource
from library.errors import Incomplete
from library.models import Resource
from members.models import User


@transaction.atomic
def replace_content(
    *,
    resource: Resource,
    by: User,
    now: datetime,
    change_note: str,
    upload: CheckedUpload | None = None,
    url: str | None = None,
    body: str | None = None,
    title: str | None = None,
    seen: int | None = None,
) -> Resource:
    """Exactly one of `upload`, `url`, `body`. `seen`: the version that the person looked at.

    Of two people at once the second gets NotNow, and looks at what the first one did.
    """
    seen = resource.version if seen is None else seen
    present = lock_resource(resource, *Resource.SHOWN_STATES)
    check_seen(present, seen)
    if sum(map(bool, (upload, url, body))) != 1:
        raise Incomplete(_("Give exactly one: a link, a file or a text."))
    fields = {"url": url or "", "body": body or ""}
    is_same = all(fields.get(name, "") == getattr(present, name) for name in CONTENT_FIELDS)
    if upload is None and is_same:
        raise Incomplete(_("This is what stands there already. Put in what is new."))
    if title:
        fields["title"] = title
    return edit_resource(
        resource=resource, by=by, now=now, upload=upload, change_note=change_note, seen=seen,
        **fields,
    )  # fmt: skip


@transaction.atomic
def drop_versions(*, resource: Resource, by: User, reason: str) -> Resource:
    """Earlier versions are thrown away for good: somebody may not be read or seen in them."""
    resource = Resource.objects.select_for_update().get(pk=resource.pk)
    if not reason.strip():
        raise Incomplete(_("Write a reason: it stays in the history."))
    throw_versions(resource=resource, by=by, reason=reason.strip()[:300])
    return resource
