"""What the dots say: ranks, places, and what departs from them (TP2-TP4, TP8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Sum

from meetings.models import Ballot, BallotMark, BallotOption

OVER = (Ballot.State.CLOSED, Ballot.State.PUBLISHED)
# Below this the result shows the order only: few numbers tell who voted how (TP8).
FEW = 10


def counted(ballot: Ballot) -> dict[int, tuple[int, int]]:
    """option -> (dots, distinct voters). For closing only: nobody may see it before (TP1)."""
    rows = BallotMark.objects.filter(option__ballot=ballot).values("option")
    sums = rows.annotate(sum=Sum("dots"), voters=Count("paper", distinct=True))
    found = sums.order_by().values_list("option", "sum", "voters")
    return {option: (dots, voters) for option, dots, voters in found}


def rank_key(option: BallotOption) -> tuple[int, int, datetime, int]:
    """TP2: dots, then distinct voters, then the earliest proposal."""
    return (-(option.dots or 0), -(option.voters or 0), option.topic.proposed_at, option.topic_id)


def by_rank(options: Sequence[BallotOption]) -> list[BallotOption]:
    return sorted(options, key=lambda one: one.rank or 0)


def natural_places(options: Sequence[BallotOption], seats: int) -> dict[int, int]:
    """option -> place as the votes say. What nobody voted for is not chosen by itself."""
    wanted = [one for one in by_rank(options) if one.voters]
    return {one.pk: place for place, one in enumerate(wanted[:seats], start=1)}


def unexplained(
    options: Sequence[BallotOption],
    places: Mapping[int, int],
    reasons: Mapping[int, str],
    seats: int,
) -> list[BallotOption]:
    """Whatever departs from the votes without a public reason (TP4), by rank.

    A topic passed over needs one; of two that changed places, one of them does.
    """
    ordered, natural = by_rank(options), natural_places(options, seats)
    lowest = max((one.rank or 0 for one in options if one.pk in places), default=0)
    silent = [one for one in ordered if not reasons.get(one.pk)]
    missing = []
    for one in silent:
        rank = one.rank or 0
        if one.pk not in places:
            departs = one.pk in natural or bool(one.voters and rank < lowest)
        else:
            departs = not one.voters or any(
                places.get(better.pk, 0) > places[one.pk]
                for better in silent
                if (better.rank or 0) < rank
            )
        if departs:
            missing.append(one)
    return missing


@dataclass(frozen=True)
class Row:
    option: BallotOption
    is_chosen: bool = False


@dataclass(frozen=True)
class Result:
    """What everybody inside may read. `shows_numbers`: TP8."""

    rows: list[Row] = field(default_factory=list)
    electorate: int = 0
    papers: int = 0
    most: int = 1
    shows_numbers: bool = False

    @property
    def turnout(self) -> int:
        return round(100 * self.papers / self.electorate) if self.electorate else 0


def result_of(ballot: Ballot, options: Sequence[BallotOption]) -> Result:
    """Chosen topics in their binding order, then the others by rank."""
    if ballot.state not in OVER:
        return Result()
    ordered = sorted(options, key=lambda one: (one.place is None, one.place or 0, one.rank or 0))
    return Result(
        rows=[Row(one, one.place is not None) for one in ordered],
        electorate=ballot.electorate,
        papers=ballot.papers_cast,
        most=max((one.dots or 0 for one in options), default=0) or 1,
        shows_numbers=ballot.electorate >= FEW,
    )
