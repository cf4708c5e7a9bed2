"""A poster and a code for phones: where one signs up for the newsletter.

Imported where one is made: what makes PDFs takes 18 MB that most workers never need.
"""

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.graphics import renderSVG
from reportlab.lib.units import cm
from reportlab.platypus import Spacer

from cop.core.links import absolute
from cop.core.text import localized
from meetings.papers import build, line, square
from members.models import Community


def signup_url(community: Community, *, place: str = "") -> str:
    path = reverse("newsletter:newsletter_subscribe", args=[community.slug])
    return absolute(path) + (f"?from={place}" if place else "")


def qr_svg(community: Community) -> str:
    """Black on white, with the quiet edge that phones ask for."""
    return str(renderSVG.drawToString(square(signup_url(community, place="qr"), 8 * cm)))


def newsletter_poster_pdf(community: Community, *, language: str) -> bytes:
    """One page to hang on a wall."""
    with translation.override(language):
        address = signup_url(community)
        months = community.newsletter_interval_months
        body = [
            line(localized(community, "name", language), 26, bold=True),
            Spacer(1, 0.6 * cm),
            line(
                _("News for people who do this work: what we tried, what helps, when we meet."), 16
            ),
            Spacer(1, 1 * cm),
            line(_("Point your phone here:"), 20, bold=True),
            Spacer(1, 0.6 * cm),
            square(signup_url(community, place="qr"), 10 * cm),
            Spacer(1, 0.6 * cm),
            line(address, 12, soft=True),
            Spacer(1, 0.6 * cm),
            line(
                _("One mail every %(n)d months. It costs nothing, and one tap stops it.")
                % {"n": months}
                if months > 1
                else _("One mail a month. It costs nothing, and one tap stops it."),
                14,
            ),
        ]
        return build(body, _("Newsletter"), language)
