from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cop.core.time import to_instant
from meetings.actions.meetings import SHORTEST_NOTICE, missing_to_schedule
from meetings.models import Meeting, MeetingSeries
from members.models import Community, Membership, User
from members.models.communities import current_grant

START_FIELDS = ("local_date", "local_time", "timezone")


def people_of(communities: QuerySet[Community]) -> QuerySet[User]:
    """Who could lead a meeting of these communities: a role or a membership there."""
    grants = User.objects.filter(
        current_grant("role_grants__"), role_grants__community__in=communities
    )
    members = User.objects.filter(
        memberships__community__in=communities, memberships__state__in=Membership.CURRENT_STATES
    )
    both = grants.values("pk").union(members.values("pk"))
    rows = User.objects.filter(is_active=True, pk__in=both)
    return rows.order_by("display_name", "pk")


class MeetingDeskForm(forms.ModelForm):
    """What staff type. Checked here, so that the action has nothing left to refuse."""

    join_url = forms.URLField(
        label=_("Join link"),
        required=False,
        assume_scheme="https",
        help_text=_("Only people who are coming get to see it."),
    )

    class Meta:
        model = Meeting
        fields = [
            "community", "stream", "title", "description", "kind", "language", "facilitator",
            "local_date", "local_time", "timezone", "duration", "audience", "capacity", "mode",
            "place", "join_url", "dial_in", "content_note", "support_person",
        ]  # fmt: skip
        help_texts = {
            "local_time": _("As the clock on the wall shows it in the time zone below."),
            "dial_in": _("Only people who are coming get to see it."),
            "content_note": _("For example: this session talks about overdose death."),
            "description": _("Two or three short paragraphs. Lists with a dash work."),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        community = data.get("community") or getattr(self.instance, "community", None)
        stream, facilitator = data.get("stream"), data.get("facilitator")
        if community and stream and stream.community_id != community.pk:
            self.add_error("stream", _("This stream belongs to another community."))
        if community and facilitator and self._is_outside(facilitator, community):
            self.add_error("facilitator", _("This person has no role and no membership there."))
        row = Meeting.objects.get(pk=self.instance.pk) if self.instance.pk else None
        starts_at = _start(data, row)
        if row is not None:
            self._check_seats(row, data.get("capacity"))
            if row.state == Meeting.State.SCHEDULED and not self.errors:
                self._check_published(row, data, starts_at)
        is_new_time = starts_at is not None and (row is None or starts_at != row.starts_at)
        if is_new_time and "local_date" not in self.errors and starts_at <= timezone.now():
            self.add_error(
                "local_date",
                _("This day and time have gone by. Choose a day that is still to come."),
            )
        return data

    def _is_outside(self, person: User, community: Community) -> bool:
        here = Community.objects.filter(pk=community.pk)
        return not people_of(here).filter(pk=person.pk).exists()

    def _check_seats(self, row: Meeting, capacity: int | None) -> None:
        if capacity is not None and capacity < row.going_count:
            taken = ngettext(
                "%(n)d seat is taken already. Leave at least as many.",
                "%(n)d seats are taken already. Leave at least as many.",
                row.going_count,
            )
            self.add_error("capacity", taken % {"n": row.going_count})

    def _check_published(
        self, row: Meeting, data: dict[str, Any], starts_at: datetime | None
    ) -> None:
        if starts_at != row.starts_at and timezone.now() >= row.starts_at:
            self.add_error("local_date", _("The time of a meeting can move only before it starts."))
        for name in missing_to_schedule(Meeting(**{**_details(row), **_own(data)})):
            needs = _("People are told already, so it needs %(thing)s.")
            self.add_error(None, needs % {"thing": name})


def _start(data: dict[str, Any], row: Meeting | None) -> datetime | None:
    """When it would begin, from what was typed and, for fields not shown, what stands there."""
    plan = [data.get(name, getattr(row, name, None)) for name in START_FIELDS]
    return None if None in plan else to_instant(*plan)


DETAILS = ("facilitator", "audience", "join_url", "mode", "place")


def _details(row: Meeting) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DETAILS}


def _own(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in DETAILS if name in data}


class PublishForm(forms.Form):
    short_notice_is_fine = forms.BooleanField(
        label=_("Short notice is fine this time"), required=False,
        help_text=_("People plan their shifts; under two days many cannot come."),
    )  # fmt: skip

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if meeting.starts_at - timezone.now() >= SHORTEST_NOTICE:
            del self.fields["short_notice_is_fine"]


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=200, widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=_("Your words, as everybody who wanted to come will read them."),
    )  # fmt: skip

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)


class HeldForm(forms.Form):
    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)


class SeriesDeskForm(forms.ModelForm):
    class Meta:
        model = MeetingSeries
        fields = [
            "stream", "title", "nth", "weekday", "local_time", "timezone", "duration", "audience",
            "skip_months", "target_count",
        ]  # fmt: skip
