"""PDF papers: the certificate, the transcript, and the poster for the door.

Imported where one is made: what makes PDFs takes 18 MB that most workers never need.
"""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from cop.core.links import absolute
from cop.core.text import localized
from cop.core.time import say_span
from meetings.answers import say_minutes
from meetings.models import Attendance, Certificate, Meeting
from meetings.queries.attendance import minutes_of
from meetings.queries.certificates import in_groups
from meetings.queries.years import year_end

INK, SOFT, CEDAR, LINE = (HexColor(c) for c in ("#14231F", "#4A5A55", "#1F5C4D", "#D9CFBC"))
FONTS = Path(__file__).parent / "fonts"


@cache
def _fonts() -> None:
    pdfmetrics.registerFont(TTFont("BCSans", FONTS / "BCSans-Regular.ttf"))
    pdfmetrics.registerFont(TTFont("BCSans-Bold", FONTS / "BCSans-Bold.ttf"))
    pdfmetrics.registerFontFamily("BCSans", normal="BCSans", bold="BCSans-Bold")


def _style(size: int, *, bold: bool = False, soft: bool = False, **more: Any) -> ParagraphStyle:  # noqa: ANN401
    _fonts()
    return ParagraphStyle(
        f"s{size}{bold}{soft}{sorted(more)}",
        fontName="BCSans-Bold" if bold else "BCSans",
        fontSize=size,
        leading=size * 1.35,
        textColor=SOFT if soft else INK,
        # Very long words break rather than run off the page.
        splitLongWords=1,
        **more,
    )


def line(text: str, size: int, **more: Any) -> Paragraph:  # noqa: ANN401
    """Words of people are no markup."""
    return Paragraph(escape(text), _style(size, **more))


def certificate_pdf(paper: Certificate, *, language: str, zone: str) -> bytes:
    """For one meeting. `zone`: whose clock the hours are told by."""
    meeting = paper.meeting
    with translation.override(language):
        body: list[Flowable] = [
            *_head(_("Certificate of attendance"), paper),
            line(paper.name, 26, bold=True),
            Spacer(0, 0.5 * cm),
            line(_("took part in"), 12, soft=True),
            Spacer(0, 0.2 * cm),
            line(meeting.title, 18, bold=True),
            Spacer(0, 0.3 * cm),
            line(say_span(meeting.starts_at, meeting.ends_at, zone), 12),
            line(f"{meeting.get_kind_display()} · {say_minutes(paper.minutes)}", 12, soft=True),
            *_foot(paper),
        ]
        return build(body, _("Certificate of attendance"), language)


def transcript_pdf(
    paper: Certificate, rows: Sequence[Attendance], *, language: str, zone: str
) -> bytes:
    """All meetings of one programme year, oldest first."""
    with translation.override(language):
        first, last = (
            date_format(day, "j F Y") for day in (paper.year_from, year_end(paper.year_from))
        )
        span = _("%(first)s to %(last)s") % {"first": first, "last": last}
        body = [
            *_head(_("Attendance in one year"), paper),
            line(paper.name, 22, bold=True),
            line(span, 12, soft=True),
            Spacer(0, 0.5 * cm),
            _table(rows, zone),
            Spacer(0, 0.4 * cm),
            line(_("In all: %(time)s") % {"time": say_minutes(paper.minutes)}, 14, bold=True),
            *_foot(paper),
        ]
        return build(body, _("Attendance in one year"), language)


def door_poster_pdf(meeting: Meeting, *, language: str) -> bytes:
    """To hang beside the door: the square leads to the page where people say that they came."""
    with translation.override(language):
        path = reverse("meetings:check_in", args=[meeting.community.slug, meeting.public_id])
        body = [
            line(meeting.title, 28, bold=True),
            Spacer(0, 0.4 * cm),
            line(say_span(meeting.starts_at, meeting.ends_at, meeting.timezone), 16, soft=True),
            Spacer(0, 1 * cm),
            line(_("Are you here? Tell us with your phone."), 20, bold=True),
            Spacer(0, 0.5 * cm),
            square(absolute(path), 11 * cm),
            Spacer(0, 0.5 * cm),
            line(absolute(path), 12, soft=True),
            line(_("No phone? Tell the facilitator, who notes it for you."), 14),
        ]
        return build(body, meeting.title, language)


def _head(title: str, paper: Certificate) -> list[Flowable]:
    return [
        line(localized(paper.community, "name"), 13, soft=True),
        Spacer(0, 0.2 * cm),
        line(title, 15, bold=True),
        Spacer(0, 1.4 * cm),
    ]


def _foot(paper: Certificate) -> list[Flowable]:
    code = in_groups(paper.code)
    address = absolute(reverse("certificate_check"))
    return [
        Spacer(0, 1.6 * cm),
        line(_("Issued on %(day)s") % {"day": date_format(paper.issued_at, "j F Y")}, 11),
        line(
            _("To check this paper, type the code %(code)s at %(address)s")
            % {"code": code, "address": address},
            11,
            soft=True,
        ),
        Spacer(0, 0.4 * cm),
        square(f"{address}?code={code}", 3 * cm),
    ]


def _table(rows: Sequence[Attendance], zone: str) -> Table:
    head = [line(text, 10, bold=True) for text in (_("Day"), _("Meeting"), _("Time"))]
    lines = [
        [
            line(say_span(row.meeting.starts_at, row.meeting.ends_at, zone), 10),
            line(row.meeting.title, 10),
            line(say_minutes(minutes_of(row)), 10),
        ]
        for row in rows
    ]
    table = Table([head, *lines], colWidths=[5.5 * cm, 8 * cm, 3 * cm], repeatRows=1)
    rule = ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE)
    table.setStyle(TableStyle([rule, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def square(text: str, size: float) -> Drawing:
    code = QrCodeWidget(text)
    left, bottom, right, top = code.getBounds()
    scale = [size / (right - left), 0, 0, size / (top - bottom), 0, 0]
    drawing = Drawing(size, size, transform=scale)
    drawing.add(code)
    return drawing


def build(body: list[Flowable], title: str, language: str) -> bytes:
    out = BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=letter, leftMargin=2.5 * cm, rightMargin=2.5 * cm, topMargin=3 * cm,
        bottomMargin=2 * cm, title=title, author=settings.SITE_NAME, lang=language,
    )  # fmt: skip
    document.build(body, onFirstPage=_edge, onLaterPages=_edge)
    return out.getvalue()


def _edge(canvas: Any, document: Any) -> None:  # noqa: ANN401  reportlab's own
    width, height = letter
    canvas.setFillColor(CEDAR)
    canvas.rect(0, height - 0.5 * cm, width, 0.5 * cm, stroke=0, fill=1)
