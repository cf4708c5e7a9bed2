"""PDF files made by hand: with text, and locked with a password."""

from cop.demo.documents import pdf


def pdf_with_text(lines: list[str]) -> bytes:
    """One page, a line for each; accents as WinAnsi writes them."""
    return pdf(["\n".join(lines)])


def locked_pdf(lines: list[str]) -> bytes:
    """Its check of the password fits none, and so not the empty one either."""
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%b> /U <%b> >> /ID [<%b> <%b>]" % (
        b"5a" * 32, b"a5" * 32, b"01" * 16, b"01" * 16,
    )  # fmt: skip
    return pdf_with_text(lines).replace(b"/Root 1 0 R", b"/Root 1 0 R " + lock)
