"""Files that people send in: checked before they are kept (handed out: cop/core/serving.py)."""

import re
import tempfile
import unicodedata
from dataclasses import dataclass
from threading import Lock
from typing import IO, Any
from zipfile import is_zipfile

from django.core.files import File
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from cop.core import pdfcheck, zipcheck
from cop.core.errors import ActionError
from cop.core.filetypes import ADVICE, CONTENT_TYPES, MAGIC, OFFICE_KINDS, OLE_MARK
from cop.core.incoming import LostUpload
from cop.core.officecheck import ReachesOut
from cop.core.storages import NoRoom

MEGABYTE = 1024 * 1024
ALL_TYPES = frozenset(CONTENT_TYPES)
DOCUMENT_TYPES = frozenset({"pdf", "png", "jpg"})
MAX_NAME = 120
MAX_PIXELS = 50_000_000
# Unpacked, a photo of a new phone takes 300 MB. Two at once are more than a small server has.
ONE_AT_A_TIME = Lock()
DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))}


class UploadRefused(ActionError):
    """The file cannot be kept. The text says why and what to do instead."""


@dataclass(frozen=True)
class CheckedUpload:
    """A file that may be kept. `type` is its extension; `name` is safe to show and to hand out."""

    name: str
    type: str
    size: int
    content_file: File


def check_upload(
    file: Any,  # noqa: ANN401  an UploadedFile, or anything with name, size, read and seek
    *,
    allowed: set[str] | frozenset[str] = ALL_TYPES,
    max_bytes: int = 50 * MEGABYTE,
) -> CheckedUpload:
    """Size, name, first bytes, inside: in this order, the cheap questions first."""
    if isinstance(file, LostUpload):
        raise NoRoom
    _check_size(file.size, max_bytes)
    name = clean_name(file.name)
    kind = _kind_of(name, allowed)
    _check_first_bytes(file, kind)
    content: File = file if isinstance(file, File) else File(file, name=name)
    if kind in OFFICE_KINDS:
        _check_office(file, kind)
    elif kind == "pdf":
        _check_pdf(file)
    elif kind == "txt":
        _check_text(file)
    elif kind in {"png", "jpg"}:
        content = _redraw(file, kind, name)
    content.name = name
    content.seek(0)
    return CheckedUpload(name=name, type=kind, size=content.size, content_file=content)


def accept_attribute(allowed: set[str] | frozenset[str] = ALL_TYPES) -> str:
    """For `<input accept>`. Asked for image/jpeg, an iPhone turns its HEIC photos into JPEG."""
    pictures = {"jpg": "image/jpeg", "png": "image/png"}
    return ",".join(pictures.get(kind, f".{kind}") for kind in sorted(allowed))


def clean_name(name: str) -> str:
    """A name without path, control or direction signs, of at most 120 signs, extension kept."""
    name = unicodedata.normalize("NFC", str(name)).replace("\\", "/").rpartition("/")[2]
    name = "".join(" " if c.isspace() else c for c in name)
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*;')
    name = " ".join(name.split()).rstrip(". ")
    stem, dot, extension = name.rpartition(".")
    if (stem or name).partition(".")[0].strip().lower() in DEVICES:
        # Windows would talk to a device instead of keeping a file.
        return clean_name(f"file-{name}")
    if not dot:
        return name[:MAX_NAME] or "file"
    extension = extension.strip()[:10]
    return f"{stem.strip('. ')[: MAX_NAME - 1 - len(extension)].rstrip() or 'file'}.{extension}"


def _check_size(size: int | None, max_bytes: int) -> None:
    if not size:
        raise UploadRefused(_("This file is empty. Tip: look whether it opens on your device."))
    if size > max_bytes:
        raise UploadRefused(
            _(
                "This file is %(size)s MB; the limit is %(limit)s MB. Tip: send a link to it, or "
                "photograph only the page that matters."
            )
            % {"size": -(-size // MEGABYTE), "limit": max_bytes // MEGABYTE}
        )


def extension_of(name: str) -> str:
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return "jpg" if extension == "jpeg" else extension


def _kind_of(name: str, allowed: set[str] | frozenset[str]) -> str:
    kind = extension_of(name)
    known = {"jpg" if one == "jpeg" else one for one in allowed} & ALL_TYPES
    if kind in known:
        return kind
    if kind in ADVICE:
        raise UploadRefused(str(ADVICE[kind]))
    raise UploadRefused(
        _("We cannot keep files of this kind. These work: %(kinds)s.")
        % {"kinds": ", ".join(sorted(known))}
    )


def _check_first_bytes(file: IO[bytes], kind: str) -> None:
    file.seek(0)
    head = file.read(4096)
    if MAGIC[kind](head):
        return
    if kind in OFFICE_KINDS and head.startswith(OLE_MARK):
        raise _locked()
    raise UploadRefused(
        _(
            "The name says “.%(kind)s”, but inside it is something else. "
            "Tip: open the file and save it again, or send a PDF or a photo."
        )
        % {"kind": kind}
    )


def _locked() -> UploadRefused:
    return UploadRefused(
        _("This file is locked with a password. Tip: open it and save it without one.")
    )


def _unreadable() -> UploadRefused:
    return UploadRefused(
        _("We cannot read this file. Tip: open it, save it again as PDF and send that.")
    )


def _check_office(file: IO[bytes], kind: str) -> None:
    try:
        zipcheck.check_archive(file, kind)
    except zipcheck.HasMacros as error:
        text = _("This file holds macros (small programs). Tip: save it as PDF and send that.")
        raise UploadRefused(text) from error
    except zipcheck.IsEncrypted as error:
        raise _locked() from error
    except zipcheck.IsNested as error:
        text = _(
            "This file has another file packed inside, often the table behind a chart. "
            "Tip: save it as PDF and send that."
        )
        raise UploadRefused(text) from error
    except zipcheck.TooBig as error:
        text = _("This file unpacks to more than we can take. Tip: save it as PDF and send that.")
        raise UploadRefused(text) from error
    except ReachesOut as error:
        text = _(
            "Opened, this file would fetch something from elsewhere or start a program. "
            "Tip: save it as PDF and send that."
        )
        raise UploadRefused(text) from error
    except zipcheck.BadArchive as error:
        raise _unreadable() from error


def _check_pdf(file: IO[bytes]) -> None:
    if is_zipfile(file):
        raise _unreadable()
    try:
        pdfcheck.check_pdf(file)
    except pdfcheck.LaunchesProgram as error:
        text = _("This PDF would start a program. Tip: print it to a new PDF and send that.")
        raise UploadRefused(text) from error
    except pdfcheck.HoldsFiles as error:
        text = _(
            "This PDF has another file packed inside. Tip: print it to a new PDF and send that; "
            "send the other file by itself."
        )
        raise UploadRefused(text) from error


def _check_text(file: IO[bytes]) -> None:
    file.seek(0)
    while piece := file.read(zipcheck.CHUNK):
        if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", piece):
            raise _unreadable()


def _redraw(file: IO[bytes], kind: str, name: str) -> File:
    """The picture drawn anew: place, device and date, and any stowaway, stay behind."""
    file.seek(0)
    try:
        with (
            ONE_AT_A_TIME,
            Image.open(file, formats=["JPEG" if kind == "jpg" else "PNG"]) as picture,
        ):
            if picture.width * picture.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            drawn = ImageOps.exif_transpose(picture)
            drawn.load()
            return _encode(drawn, kind, name)
    except Image.DecompressionBombError as error:
        text = _("This picture has too many dots for us. Tip: make a screenshot and send that.")
        raise UploadRefused(text) from error
    except Exception as error:  # a broken picture makes Pillow raise nearly anything
        raise _unreadable() from error


def _encode(picture: Image.Image, kind: str, name: str) -> File:
    keep = {key: value for key, value in picture.info.items() if key == "transparency"}
    out = tempfile.SpooledTemporaryFile(max_size=MEGABYTE)  # noqa: SIM115  lives as long as the File
    if kind == "jpg":
        picture = picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
        picture.info = {}
        picture.save(out, "JPEG", quality=88, optimize=True)
    else:
        picture.info = keep
        picture.save(out, "PNG")
    out.seek(0)
    return File(out, name=name)
