"""A folder that came packed as a ZIP: what lies in it, and one file of it at a time."""

import stat
import struct
import tempfile
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.core.files import File
from django.utils.translation import gettext as _

from cop.core import zipcheck
from cop.core.errors import ActionError
from cop.core.uploads import MEGABYTE, CheckedUpload, UploadRefused, check_upload, clean_name

MOST_FILES = 1_000
MOST_UNPACKED = 500 * MEGABYTE
MOST_FILE = 50 * MEGABYTE
# Text packs well; what unpacks to more than this was made to.
MOST_RATIO, SMALL = 200, 20 * MEGABYTE
TABLES = {"resources.csv", "ressources.csv"}
# What computers put beside the files of people.
NOISE = {".ds_store", "thumbs.db", "desktop.ini", ".gitkeep"}
WEB_PAGES = (".html", ".htm")
BROKEN = (BadZipFile, zipcheck.BadArchive, NotImplementedError, RuntimeError, struct.error,
          zlib.error, ValueError, EOFError, KeyError)  # fmt: skip


class FolderRefused(ActionError):
    """Nothing of it can be taken. The text says why and what to do instead."""


@dataclass(frozen=True)
class Packed:
    """A file in the folder. `path` as people see it; `problem` if it cannot be taken out."""

    path: str
    entry: ZipInfo
    problem: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Folder:
    def __init__(self, file: IO[bytes]) -> None:
        """Raises FolderRefused."""
        self.archive = _opened(file)
        found = [_packed(one) for one in self.archive.infolist() if not _is_noise(one)]
        self.table = _table_of(found)
        self.files = [one for one in found if one is not self.table]
        if len(self.files) > MOST_FILES:
            raise FolderRefused(
                _("There are more than 1,000 files in it. Pack them into several ZIPs.")
            )
        self._by_path = {_key(one.path): one for one in reversed(self.files)}
        self._base = self.table.path.rpartition("/")[0] if self.table else ""

    def find(self, path: str) -> Packed | None:
        """As a table names it: from where the table lies, or from the top of the folder."""
        path = path.replace("\\", "/").strip().removeprefix("./").lstrip("/")
        near = f"{self._base}/{path}" if self._base else path
        return self._by_path.get(_key(near)) or self._by_path.get(_key(path))

    def read(self, packed: Packed, most: int = MOST_FILE) -> File:
        """The content, counted while it is unpacked: what a directory says may be a lie."""
        if packed.problem:
            raise UploadRefused(packed.problem)
        out = tempfile.SpooledTemporaryFile(max_size=MEGABYTE)  # noqa: SIM115  lives as long as the File
        seen = 0
        try:
            with self.archive.open(packed.entry) as source:
                while piece := source.read(zipcheck.CHUNK):
                    seen += len(piece)
                    if seen > most:
                        raise UploadRefused(
                            _("This file is larger than %(limit)s MB. Tip: give a link to it.")
                            % {"limit": most // MEGABYTE}
                        )
                    out.write(piece)
        except BROKEN as error:
            raise UploadRefused(_("This file is broken in the ZIP. Pack it again.")) from error
        out.seek(0)
        return File(out, name=packed.name)

    def checked(self, packed: Packed) -> CheckedUpload:
        """Raises UploadRefused with a sentence."""
        file = self.read(packed)
        if packed.name.lower().endswith(WEB_PAGES):
            return _check_web_page(file)
        return check_upload(file, max_bytes=MOST_FILE)


def _opened(file: IO[bytes]) -> ZipFile:
    try:
        archive = zipcheck.open_folder(file)
    except zipcheck.TooBig as error:
        raise FolderRefused(
            _("There is too much in this ZIP. Pack it into several with 1,000 files at most.")
        ) from error
    except BROKEN as error:
        raise FolderRefused(
            _("We cannot read this as a ZIP. Pack the folder again and send the new file.")
        ) from error
    declared = sum(one.file_size for one in archive.infolist())
    packed = sum(one.compress_size for one in archive.infolist())
    if declared > MOST_UNPACKED or declared > max(SMALL, MOST_RATIO * packed):
        raise FolderRefused(_("Unpacked, this is more than 500 MB. Pack it into several ZIPs."))
    return archive


def _packed(entry: ZipInfo) -> Packed:
    path = _path_of(entry)
    parts = path.split("/")
    problem = ""
    if path.startswith("/") or ".." in parts or ":" in parts[0] or "\x00" in entry.orig_filename:
        path, problem = clean_name(path), _("The path of this file leads out of the folder.")
    elif entry.flag_bits & zipcheck.LOCKED:
        problem = _("This file is locked with a password. Pack it again without one.")
    elif entry.compress_type not in (0, 8):
        problem = _("This file is packed in a way we do not read. Pack it again as a plain ZIP.")
    return Packed(path=path, entry=entry, problem=problem)


def _path_of(entry: ZipInfo) -> str:
    """Macs write UTF-8 and do not say so; Windows writes backslashes."""
    name = entry.orig_filename
    if not entry.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = entry.orig_filename
    return unicodedata.normalize("NFC", name).replace("\\", "/")


def _is_noise(entry: ZipInfo) -> bool:
    parts = _path_of(entry).lower().split("/")
    mode = entry.external_attr >> 16
    is_odd = mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG)
    return bool(
        entry.is_dir() or not parts[-1] or is_odd or "__macosx" in parts
        or parts[-1] in NOISE or parts[-1].startswith("._")
    )  # fmt: skip


def _table_of(found: Iterable[Packed]) -> Packed | None:
    """resources.csv, the one nearest to the top; else the only CSV there is."""
    tables = [one for one in found if one.name.lower().endswith(".csv")]
    named = [one for one in tables if one.name.lower() in TABLES]
    if named:
        return min(named, key=lambda one: (one.path.count("/"), one.path))
    return tables[0] if len(tables) == 1 else None


def _key(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _check_web_page(file: File) -> CheckedUpload:
    """A saved page: kept and handed out to download, never shown on our address."""
    if not file.size:
        raise UploadRefused(_("This file is empty. Tip: look whether it opens on your device."))
    while piece := file.read(zipcheck.CHUNK):
        if b"\x00" in piece:
            raise UploadRefused(
                _("We cannot read this file. Tip: open it, save it again as PDF and send that.")
            )
    file.seek(0)
    name = clean_name(str(file.name))
    file.name = name
    return CheckedUpload(name=name, type="html", size=file.size, content_file=file)
