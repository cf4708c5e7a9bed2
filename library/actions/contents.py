"""The one main content of a resource: a link, a text or a file (L1)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.keeping_files import forget_file
from cop.core.scan import ScanState, first_state
from cop.core.uploads import CheckedUpload
from library.errors import Incomplete
from library.models import Resource, ResourceVersion
from members.models import User

WORDS_A_MINUTE = 200
CONTENT_FIELDS = ("url", "body", "file")
KEPT = ("title", "body", "url", "file_name", "file_size", "file_type", "scan_state")
LINK_FIELDS = ["link_state", "link_problem", "link_checked_at"]


def apply_content(
    resource: Resource,
    fields: dict[str, Any],
    upload: CheckedUpload | None,
    *,
    keeps_old: bool = False,
) -> list[str]:
    """Set the fields and return the names to save. A new main content replaces the old one (L1).

    `keeps_old`: the file before is still wanted, by an earlier version.
    """
    link = resource.url
    if "captions" in fields:
        forget_file(resource.captions.name)
    for name, value in fields.items():
        setattr(resource, name, value)
    names = list(fields)
    if upload is not None:
        resource.url = resource.body = ""
        names += [*attach(resource, upload, keeps_old=keeps_old), "url", "body"]
    elif resource.file and (fields.get("url") or fields.get("body")):
        if not keeps_old:
            forget_file(resource.file.name)
        resource.file, resource.scan_state = "", ScanState.OFF
        resource.file_name = resource.file_type = ""
        resource.file_size = None
        _forget_text(resource, Resource.TextState.NONE)
        names += FILE_FIELDS
    if resource.url != link:
        # What was found out about the old link says nothing about the new one.
        resource.link_state, resource.link_problem = Resource.LinkState.UNKNOWN, ""
        resource.link_checked_at = None
        names += LINK_FIELDS
    if "body" in names and "reading_minutes" not in fields:
        resource.reading_minutes = minutes_of(resource.body) or resource.reading_minutes
        names.append("reading_minutes")
    return list(dict.fromkeys(names))


def keep_version(*, resource: Resource, by: User, now: datetime, change_note: str) -> None:
    """Keep the content of a locked resource before a change of it; its number goes up by one.

    Call inside the transaction of the change. Raises Incomplete without a note.
    """
    words = " ".join(change_note.split())[:300]
    if not words:
        raise Incomplete(
            _("Say in a line what changes: readers see it beside the earlier version.")
        )
    kept = {name: getattr(resource, name) for name in KEPT} | {"file": resource.file.name}
    ResourceVersion.objects.create(
        resource=resource, number=resource.version, change_note=words, replaced_by=by,
        replaced_at=now, **kept,
    )  # fmt: skip
    resource.version += 1


def throw_versions(*, resource: Resource, by: User | None, reason: str) -> None:
    """Earlier versions of a locked resource go for good, with their files."""
    versions = ResourceVersion.objects.filter(resource=resource)
    names = list(versions.exclude(file="").values_list("file", flat=True))
    if not versions.delete()[0]:
        return
    for name in names:
        forget_file(name)
    scope = resource.community.public_id
    record("library.versions_dropped", resource, by=by, scope=scope, reason=reason)


FILE_FIELDS = [
    "file", "file_name", "file_size", "file_type", "scan_state",
    "text_state", "text_tries", "file_text", "preview_pages",
]  # fmt: skip


def attach(
    resource: Resource, upload: CheckedUpload | None, *, keeps_old: bool = False
) -> list[str]:
    if upload is None:
        return []
    if not keeps_old:
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


def minutes_of(body: str) -> int | None:
    return max(1, round(len(body.split()) / WORDS_A_MINUTE)) if body else None


def check_complete(resource: Resource) -> None:
    if sum(bool(getattr(resource, name)) for name in CONTENT_FIELDS) != 1:
        raise Incomplete(_("Give exactly one: a link, a file or a text."))
    if not (resource.title.strip() and resource.summary.strip()):
        raise Incomplete(_("Give it a title and a summary, so that people find it."))
    if resource.rights == Resource.Rights.LINK_ONLY and not resource.url:
        raise Incomplete(
            _("What belongs to others can only be a link. Give the link, or choose other rights.")
        )
