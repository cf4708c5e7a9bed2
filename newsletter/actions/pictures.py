"""A picture for an item: drawn anew at the width of a mail, without place, camera or anything else
that came along in the file."""

from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from cop.core.errors import ActionError
from members.models import User
from newsletter.actions.editing import lock_issue, update_issue
from newsletter.actions.versions import text_of
from newsletter.models import IssuePicture, NewsletterIssue
from newsletter.rules import check_editor

# Twice the column of the mail, for fine screens.
WIDEST = 1072
MOST_BYTES, MOST_PIXELS, MOST_PICTURES = 10_000_000, 40_000_000, 40
FORMATS = ["JPEG", "PNG", "WEBP", "GIF"]
UNREADABLE = (UnidentifiedImageError, Image.DecompressionBombError)
QUALITIES = (82, 70, 55, 40)


@transaction.atomic
def put_picture(
    *,
    issue: NewsletterIssue,
    item: int,
    by: User,
    now: datetime,
    file: IO[bytes] | None = None,
    alt: str = "",
    alt_fr: str = "",
) -> None:
    """Give an item this picture, or other words for the one it has; without both, take it away.
    An edit like any other: it makes a version and drops the approval."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    text = text_of(issue)
    old = next((one for one in text.items if one.pk == item), None)
    if old is None or not issue.is_editable:
        raise ActionError(_("That item is gone, or the issue has left. Load the page again."))
    picture = old.picture if alt else None
    if file:
        added = add_picture(issue=issue, file=file, alt=alt, alt_fr=alt_fr, now=now)
        picture = added.pk
    new = replace(old, picture=picture, alt=alt, alt_fr=alt_fr)
    items = tuple(new if one is old else one for one in text.items)
    update_issue(issue=issue, text=replace(text, items=items), by=by, now=now)


def add_picture(
    *, issue: NewsletterIssue, file: IO[bytes], alt: str, alt_fr: str, now: datetime
) -> IssuePicture:
    """Keep an uploaded picture for this issue. Raises ActionError with what to do instead."""
    if issue.pictures.count() >= MOST_PICTURES:
        raise ActionError(_("An issue takes %(n)d pictures at most.") % {"n": MOST_PICTURES})
    picture = _drawn(file)
    content = _small(picture)
    return IssuePicture.objects.create(
        issue=issue,
        alt=alt,
        alt_fr=alt_fr,
        content_type="image/jpeg",
        content=content,
        width=picture.width,
        height=picture.height,
        added_at=now,
    )


def _drawn(file: IO[bytes]) -> Image.Image:
    if (getattr(file, "size", None) or 0) > MOST_BYTES:
        raise ActionError(_("That picture is larger than 10 MB. Make it smaller and try again."))
    try:
        with Image.open(file, formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ActionError(_("That picture has too many pixels. Make it smaller first."))
            opened.draft("RGB", (WIDEST, WIDEST))
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except (*UNREADABLE, OSError, ValueError, SyntaxError) as error:
        raise ActionError(
            _("That file is no picture we can read. Take a JPG or PNG picture.")
        ) from error
    # Mail in dark mode lays it on black: what was see-through becomes white.
    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture.getchannel("A"))
    if flat.width > WIDEST:
        flat = flat.resize((WIDEST, max(1, round(flat.height * WIDEST / flat.width))))
    return flat


def _small(picture: Image.Image) -> bytes:
    for quality in QUALITIES:
        out = BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.tell() <= IssuePicture.MAX_PICTURE:
            return out.getvalue()
    raise ActionError(_("That picture stays too large for a mail. Take a simpler or smaller one."))
