"""Which meetings of a community a reader wants to see. The state of it is the address."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.http import HttpRequest

from meetings.models import Meeting, Rsvp
from meetings.models.meetings import MeetingQuerySet
from members.models import Community, Stream


@dataclass(frozen=True)
class MeetingFilters:
    mine: bool
    stream: Stream | None
    kind: str
    streams: list[Stream]
    person_id: int | None

    @classmethod
    def of(cls, request: HttpRequest, community: Community) -> Self:
        """What is asked for; whatever nobody could choose is left out without a word."""
        streams = list(community.streams.filter(is_active=True).order_by("name", "pk"))
        asked, kind = request.GET.get("stream", ""), request.GET.get("kind", "")
        return cls(
            mine=bool(request.GET.get("mine")) and request.user.is_authenticated,
            stream=next((one for one in streams if one.public_id == asked), None),
            kind=kind if kind in Meeting.Kind.values else "",
            # One stream, or none, is no choice.
            streams=streams if len(streams) > 1 else [],
            person_id=request.user.pk,
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.mine or self.stream or self.kind)

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return Meeting.Kind.choices

    def apply(self, rows: MeetingQuerySet) -> MeetingQuerySet:
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.stream:
            rows = rows.filter(stream=self.stream)
        if self.mine:
            answers = Rsvp.objects.filter(person=self.person_id).involved()
            rows = rows.filter(pk__in=answers.values("meeting"))
        return rows

    def link(self, url: str = "", **more: str) -> str:
        """An address that keeps what was chosen."""
        chosen = {
            "mine": "1" if self.mine else "",
            "stream": self.stream.public_id if self.stream else "",
            "kind": self.kind,
            **more,
        }
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"{url}?{query}" if query else url
