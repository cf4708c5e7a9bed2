"""Pictures with a stowaway, and such as are too large, broken or no pictures at all."""

import struct
import zlib

from tests.core.uploads import huge_png_header, office, picture
from tests.library.hostile import Hostile, kept, refused

SCRIPT = b"<script>alert(document.cookie)</script>"
PHP = b"<?php system($_GET['c']); ?>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"


def chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def png_with(kind: bytes, data: bytes) -> bytes:
    """An honest picture with one more piece right before its end."""
    honest = picture("PNG")
    at = honest.rindex(b"IEND") - 4
    return honest[:at] + chunk(kind, data) + honest[at:]


def jpg_with(comment: bytes) -> bytes:
    honest = picture()
    return honest[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + honest[2:]


PICTURES: dict[str, Hostile] = {
    "jpg with a program in its comment": kept("photo.jpg", jpg_with(PHP), "image/jpeg"),
    "jpg with a program behind it": kept("photo.jpg", picture() + PHP),
    "jpg with an office file behind it": kept("photo.jpg", picture() + office()),
    "jpg that tells place and device": kept("photo.jpg", picture(exif=True)),
    "jpg called .php.jpg": kept("shell.php.jpg", jpg_with(PHP)),
    "png with a page of the web behind it": kept("photo.png", picture("PNG") + b"<html>" + SCRIPT),
    "png with a page of the web inside": kept("photo.png", png_with(b"tEXt", b"a\x00" + SCRIPT)),
    "png with a bomb in its words": refused(
        "photo.png", png_with(b"zTXt", b"a\x00\x00" + zlib.compress(b"x" * 90_000_000))
    ),
    "png that moves": kept("photo.png", png_with(b"acTL", struct.pack(">2I", 9_999, 0))),
    "png of 60,000 x 60,000": refused("big.png", huge_png_header(60_000, 60_000)),
    "png of 20,000 x 20,000": refused("big.png", huge_png_header(20_000, 20_000)),
    "png of one line, endless": refused("big.png", huge_png_header(2_000_000_000, 1)),
    "png of no size": refused("none.png", huge_png_header(0, 0)),
    "png whose data is missing": refused("photo.png", huge_png_header(300, 300)),
    "jpg cut off": refused("photo.jpg", picture(size=(900, 900))[:700]),
    "png cut off": refused("photo.png", picture("PNG", size=(900, 900))[:200]),
    "gif with a script": refused("photo.gif", b"GIF89a/*" + b"\x00" * 8 + b"*/=1;alert(1)"),
    "gif with a script called .jpg": refused("photo.jpg", b"GIF89a/*" + b"*/=1;alert(1)"),
    "bmp called .png": refused("photo.png", b"BM" + b"\x00" * 90),
    "svg": refused("drawing.svg", SVG, "image/svg+xml"),
    "svg called .png": refused("drawing.png", SVG, "image/png"),
    "svg called .jpg": refused("drawing.jpg", b'<?xml version="1.0"?>' + SVG, "image/jpeg"),
    "svg called .txt": refused("drawing.txt", SVG, "text/plain"),
    "page of the web called .png": refused("photo.png", b"<html>" + SCRIPT, "image/png"),
    "program called .jpg": refused("photo.jpg", b"MZ\x90\x00" + b"\x00" * 90),
    "heic called .jpg": refused("photo.jpg", b"\x00\x00\x00\x18ftypheic" + b"\x00" * 30),
    "postscript called .jpg": refused("photo.jpg", b"%!PS-Adobe-3.0 EPSF\n(x) run"),
}
