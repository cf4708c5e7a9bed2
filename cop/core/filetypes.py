"""What we know of each kind of file: content type, first bytes, and what else people try."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy

OFFICE_KINDS = ("docx", "pptx", "xlsx", "odt")
# Old Office files, and new ones locked with a password, begin like this.
OLE_MARK = b"\xd0\xcf\x11\xe0"
OFFICE = "application/vnd.openxmlformats-officedocument."
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{OFFICE}wordprocessingml.document",
    "pptx": f"{OFFICE}presentationml.presentation",
    "xlsx": f"{OFFICE}spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "png": "image/png",
    "jpg": "image/jpeg",
    "txt": "text/plain; charset=utf-8",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
# What a page may show: pictures are drawn anew on their way in, sound and films run no program.
PICTURES, SOUNDS, FILMS = (
    frozenset({"png", "jpg"}),
    frozenset({"mp3", "m4a"}),
    frozenset({"mp4", "webm"}),
)
SHOWN_KINDS = PICTURES | SOUNDS | FILMS
# What people try, and the way out for each.
ADVICE = {
    "heic": gettext_lazy(
        "This is an iPhone photo in the HEIC format, which many people cannot open. "
        "Tip: make a screenshot of the photo and send that."
    ),
    "doc": gettext_lazy("This is an old Word file. Tip: open it and save it as .docx or PDF."),
    "xls": gettext_lazy("This is an old Excel file. Tip: open it and save it as .xlsx."),
    "ppt": gettext_lazy("This is an old PowerPoint file. Tip: open it, save it as .pptx or PDF."),
    "csv": gettext_lazy("Tables come in as Excel files here. Tip: open it and save it as .xlsx."),
    "zip": gettext_lazy("We cannot look into packed files. Tip: send the files in it one by one."),
    "mov": gettext_lazy("Tip: export the video as MP4, or put it on a video site and send a link."),
    "svg": gettext_lazy("A drawing of this kind can hold a program. Tip: export it as PNG or PDF."),
    "html": gettext_lazy(
        "A saved web page can hold a program. Tip: print it to PDF, or send the link."
    ),
    "webp": gettext_lazy("Tip: save the picture as JPG or PNG."),
}
ADVICE |= {
    "heif": ADVICE["heic"], "htm": ADVICE["html"], "docm": ADVICE["doc"], "xlsm": ADVICE["xls"],
    "pptm": ADVICE["ppt"], "rar": ADVICE["zip"], "7z": ADVICE["zip"], "gif": ADVICE["webp"],
}  # fmt: skip


def _is_mp3(head: bytes) -> bool:
    if head.startswith(b"ID3"):
        return True
    # A frame of MPEG audio layer III: eleven bits set, version known, layer III, a real bit rate.
    return (
        len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2
        and head[1] & 0x18 != 0x08 and head[2] & 0xF0 != 0xF0
    )  # fmt: skip


def _is_text(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    other = (b"<!doctype", b"<html", b"<script", b"<svg", b"<?", b"%pdf", b"#!")
    return not start.startswith(other)


def _is_webm(head: bytes) -> bool:
    """The mark of EBML, and in the few fields after it: of the kind webm."""
    return head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head[:64]


MP4_BRANDS = (b"iso", b"mp4", b"avc1", b"M4V", b"M4A", b"MSNV", b"dash", b"mmp4")
M4A_BRANDS = (b"M4A", b"M4B", b"mp4", b"iso")
MAGIC: dict[str, Callable[[bytes], bool]] = {
    "pdf": lambda head: head.startswith(b"%PDF-"),
    "png": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    "jpg": lambda head: head.startswith(b"\xff\xd8\xff"),
    "mp3": _is_mp3,
    "mp4": lambda head: head[4:8] == b"ftyp" and head[8:12].startswith(MP4_BRANDS),
    "m4a": lambda head: head[4:8] == b"ftyp" and head[8:12].startswith(M4A_BRANDS),
    "webm": _is_webm,
    "txt": _is_text,
} | dict.fromkeys(OFFICE_KINDS, lambda head: head.startswith(b"PK\x03\x04"))
