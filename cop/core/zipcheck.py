"""Is this office file a plain, harmless zip? Reads the directory and inflates piece by piece."""

import stat
import struct
import zlib
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from cop.core.officecheck import check_office

MAX_ENTRIES = 2_000
MAX_DECLARED = 200 * 1024 * 1024
MAX_RATIO = 100
# A directory of 2,000 entries is far smaller. Python builds one object per entry, so look first.
MAX_DIRECTORY = 1024 * 1024
CHUNK = 64 * 1024
# Bits of an entry: encrypted, strongly encrypted, directory masked.
LOCKED = 0x0001 | 0x0040 | 0x2000
END_MARK, LOCAL_MARK = b"PK\x05\x06", b"PK\x03\x04"
END, LOCAL = struct.Struct("<4s4H2LH"), struct.Struct("<4s5H3L2H")
NESTED = (
    ".zip", ".docx", ".docm", ".pptx", ".pptm", ".xlsx", ".xlsm", ".odt", ".ods", ".odp",
    ".jar", ".apk", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar",
)  # fmt: skip
ODT_TYPE = b"application/vnd.oasis.opendocument.text"
MAIN_PART = {
    "docx": "word/document.xml",
    "pptx": "ppt/presentation.xml",
    "xlsx": "xl/workbook.xml",
    "odt": "content.xml",
}


class BadArchive(Exception):
    """Broken, or not what its name says."""


class TooBig(BadArchive):
    """Unpacks to more than it should, or holds too many parts."""


class HasMacros(BadArchive):
    """Holds a program."""


class IsEncrypted(BadArchive):
    """Locked with a password: nobody can check it."""


class IsNested(BadArchive):
    """Holds another packed file."""


def check_archive(file: IO[bytes], kind: str) -> None:
    """Raises BadArchive or one of its kinds. `kind`: docx, pptx, xlsx or odt."""
    count = _check_directory(file)
    try:
        with ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) != count:
                raise BadArchive("odd count")
            _check_entries(entries)
            _check_layout(entries, archive.start_dir)
            for entry in entries:
                _check_content(file, entry)
            _check_kind(archive, kind)
            check_office(archive)
    except (BadZipFile, NotImplementedError, RuntimeError, struct.error, zlib.error, OSError,
            ValueError, EOFError, KeyError) as error:  # fmt: skip
        raise BadArchive(str(error)) from error


def _check_directory(file: IO[bytes]) -> int:
    """The end record by hand: one part, ends where the file ends, before Python reads the rest.

    Returns how many entries it tells of."""
    file.seek(0)
    if file.read(4) != LOCAL_MARK:
        raise BadArchive("no zip")
    size = file.seek(0, 2)
    start = max(0, size - END.size - 65_535)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(END_MARK)
    if at < 0 or len(tail) - at < END.size:
        raise BadArchive("no directory")
    _, disk, other, here, total, length, offset, comment = END.unpack_from(tail, at)
    if disk or other or here != total or len(tail) - at != END.size + comment:
        raise BadArchive("odd end record")
    if total > MAX_ENTRIES or length > MAX_DIRECTORY:
        raise TooBig("directory")
    if offset + length != start + at:
        raise BadArchive("something before, between or behind")
    return int(total)


def _check_entries(entries: list[ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise TooBig("entries")
    if len({entry.filename for entry in entries}) != len(entries):
        raise BadArchive("a name twice")
    if any(entry.flag_bits & LOCKED for entry in entries):
        raise IsEncrypted("flag")
    for entry in entries:
        _check_name(entry)
    declared = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if declared > MAX_DECLARED or declared > MAX_RATIO * max(packed, CHUNK):
        raise TooBig("declared size")


def _check_name(entry: ZipInfo) -> None:
    name = entry.orig_filename
    lower = name.lower()
    parts = lower.split("/")
    if "\\" in name or "\x00" in name or ":" in parts[0] or lower.startswith("/") or ".." in parts:
        raise BadArchive("path")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BadArchive("link")
    if parts[-1].startswith("vba") and parts[-1].endswith(".bin"):
        raise HasMacros(name)
    if lower.startswith(("xl/macrosheets/", "basic/", "scripts/")) or "/activex/" in lower:
        raise HasMacros(name)
    # What lies there is a file of another program: a sheet, a picture of a drawing tool, a program.
    if lower.endswith(NESTED) or "/embeddings/" in lower:
        raise IsNested(name)
    if entry.compress_type not in (0, 8):
        raise BadArchive("method")


def _check_layout(entries: list[ZipInfo], directory: int) -> None:
    """No two entries share bytes: the trick of the smallest and worst zip bombs."""
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < end:
            raise TooBig("overlap")
        end = entry.header_offset + LOCAL.size + entry.compress_size
    if end > directory:
        raise BadArchive("beyond the directory")


def _check_content(file: IO[bytes], entry: ZipInfo) -> None:
    """Inflate without keeping: sizes in a directory can lie."""
    _go_to_content(file, entry)
    inflater = zlib.decompressobj(-15) if entry.compress_type else None
    seen, left, first = 0, entry.compress_size, b""
    while left > 0:
        packed = file.read(min(CHUNK, left))
        if not packed or (inflater and inflater.eof):
            raise BadArchive("cut off, or something behind")
        left -= len(packed)
        while packed:
            piece = inflater.decompress(packed, CHUNK) if inflater else packed
            packed = inflater.unconsumed_tail if inflater else b""
            first = first or piece[:4]
            seen += len(piece)
            if seen > entry.file_size:
                raise TooBig("the directory lies")
    if inflater and entry.compress_size:
        seen += len(inflater.flush())
        if not inflater.eof or inflater.unused_data:
            raise BadArchive("no clean end")
    if first == LOCAL_MARK:
        raise IsNested(entry.filename)
    if seen != entry.file_size:
        raise BadArchive("size")


def _go_to_content(file: IO[bytes], entry: ZipInfo) -> None:
    file.seek(entry.header_offset)
    header = LOCAL.unpack(file.read(LOCAL.size))
    mark, flags, method, name_size, extra_size = *header[:1], *header[2:4], *header[-2:]
    if mark != LOCAL_MARK or method != entry.compress_type:
        raise BadArchive("local header")
    if flags & LOCKED:
        raise IsEncrypted("local header")
    name = file.read(name_size).decode("utf-8" if flags & 0x800 else "cp437")
    if name != entry.orig_filename:
        raise BadArchive("two names")
    file.seek(extra_size, 1)


def _check_kind(archive: ZipFile, kind: str) -> None:
    names = set(archive.namelist())
    if MAIN_PART[kind] not in names:
        raise BadArchive("main part")
    if kind == "odt":
        with archive.open("mimetype") as part:
            if part.read(100).strip() != ODT_TYPE:
                raise BadArchive("mimetype")
        return
    with archive.open("[Content_Types].xml") as part:
        if b"macroenabled" in part.read(4 * CHUNK).lower():
            raise HasMacros("content types")


def open_folder(file: IO[bytes]) -> ZipFile:
    """A folder of files, told by an honest directory. What lies in it is looked at one by one.

    Raises BadArchive, or what `zipfile` raises."""
    count = _check_directory(file)
    archive = ZipFile(file)
    entries = archive.infolist()
    if len(entries) != count:
        raise BadArchive("odd count")
    _check_layout(entries, archive.start_dir)
    return archive
