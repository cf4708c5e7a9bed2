"""Programme years: promises and transcripts are counted by them, not by calendar years."""

from datetime import date, timedelta

from members.models import Community

# Where a community has set none: the year of most public funders.
USUAL_START = (4, 1)


def year_start(community: Community, on: date) -> date:
    """The first day of the programme year in which this local day lies."""
    start = community.programme_start
    month, day = (start.month, start.day) if start else USUAL_START
    # A year that begins on 29 February begins on 1 March in all others.
    first = _day(on.year, month, day)
    return first if first <= on else _day(on.year - 1, month, day)


def year_end(first: date) -> date:
    """The last day of the programme year that begins on `first`."""
    return _day(first.year + 1, first.month, first.day) - timedelta(days=1)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month + 1, 1)
