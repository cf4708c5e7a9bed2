from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cop.core.time import clock_gap, to_instant
from meetings.actions.changes import say_no_recording
from meetings.desk_forms.steps import say_gap
from meetings.models import Meeting
from meetings.queries.readiness import facts_checks, may_not_record, seats_wanted
from members.models import Community, Membership, User
from members.models.communities import current_grant

START_FIELDS = ("local_date", "local_time", "timezone")
SHORTEST, LONGEST = 5, 12 * 60


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

    # What an action refused all the same, a moment after all was checked. Set on a fresh class.
    refusal = ""
    # The state of the row that all was compared with; the action refuses any other.
    checked: datetime | None = None

    join_url = forms.URLField(
        label=_("Join link"),
        required=False,
        assume_scheme="https",
        help_text=_("Only people who are coming get to see it."),
    )
    # When the meeting was last changed, as the person had it on the screen.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Meeting
        fields = [
            "community", "stream", "title", "description", "kind", "language", "facilitator",
            "local_date", "local_time", "timezone", "duration", "audience", "capacity", "circles",
            "mode", "place", "join_url", "dial_in", "interpretation", "has_captions",
            "sign_language", "access_by", "content_note", "support_person", "recording_policy",
            "pre_reading", "materials",
        ]  # fmt: skip
        help_texts = {
            "local_time": _("As the clock on the wall shows it in the time zone below."),
            "dial_in": _("Only people who are coming get to see it."),
            "content_note": _("For example: this session talks about overdose death."),
            "support_person": _("Who is there for somebody whom it becomes too much."),
            "description": _("Two or three short paragraphs. Lists with a dash work."),
            "circles": _("Groups that do the same side by side. Each needs a facilitator and, "
                         "where there is one, an issue holder of its own."),
            "recording_policy": _("Where people speak of themselves nothing is recorded."),
            "pre_reading": _("Shown to everybody who may come."),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self.instance.updated_at.isoformat()
            self.initial["capacity"] = seats_wanted(self.instance)
        if "capacity" in self.fields:
            self.fields["capacity"].validators = [MinValueValidator(1, _("Leave at least 1 seat."))]
            self.fields["capacity"].min_value = 1
        if "duration" in self.fields:
            self.fields["duration"].validators = [
                MinValueValidator(SHORTEST, _("It must end after it starts: 5 minutes at least.")),
                MaxValueValidator(LONGEST, _("12 hours at most, which is 720 minutes. For several "
                                             "days plan several meetings.")),
            ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.refusal:
            raise ValidationError(self.refusal)
        row = Meeting.objects.get(pk=self.instance.pk) if self.instance.pk else None
        if row is not None and self._is_stale(row, data):
            return data
        self.checked = row.updated_at if row is not None else None
        self._check_people(data)
        self._check_care(data, row)
        starts_at = self._check_start(data, row)
        if row is not None and row.state == Meeting.State.SCHEDULED and not self.errors:
            self._check_published(row, data, starts_at)
        return data

    def _is_stale(self, row: Meeting, data: dict[str, Any]) -> bool:
        """Somebody else was faster: both versions stand side by side, and nothing is lost."""
        seen = parse_datetime(data.get("seen") or "")
        if seen is None or seen == row.updated_at:
            return False
        theirs = [name for name in MeetingDeskForm.Meta.fields
                  if name in data and data[name] != _value(row, name)]  # fmt: skip
        if not theirs:
            return False
        # Saved once more with both before one's eyes, it is a decision.
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = row.updated_at.isoformat()
        self.add_error(None, _(
            "Somebody else changed this meeting while you had it open. Nothing of yours is lost: "
            "it stands below, and beside it what the other person saved. Compare, then save again."
        ))  # fmt: skip
        for name in theirs:
            self.add_error(name, gettext("There now: %(value)s") % {"value": _say(row, name)})
        return True

    def _check_people(self, data: dict[str, Any]) -> None:
        community = data.get("community") or getattr(self.instance, "community", None)
        stream, facilitator = data.get("stream"), data.get("facilitator")
        if community and stream and stream.community_id != community.pk:
            self.add_error("stream", _("This stream belongs to another community."))
        if community and facilitator and self._is_outside(facilitator, community):
            self.add_error("facilitator", _("This person has no role and no membership there."))

    def _is_outside(self, person: User, community: Community) -> bool:
        here = Community.objects.filter(pk=community.pk)
        return not people_of(here).filter(pk=person.pk).exists()

    def _check_care(self, data: dict[str, Any], row: Meeting | None) -> None:
        by_format = row is not None and row.format is not None and row.format.is_dialogue
        policy = data.get("recording_policy", "")
        if may_not_record(data.get("kind", ""), by_format, policy):
            self.add_error("recording_policy", say_no_recording())
        day, by = data.get("local_date"), data.get("access_by")
        if day and by and by > day:
            self.add_error("access_by", _("This is after the meeting. Choose an earlier day."))

    def _check_start(self, data: dict[str, Any], row: Meeting | None) -> datetime | None:
        """When it would begin, from what was typed and, for fields not shown, what stands there."""
        plan = [data.get(name, getattr(row, name, None)) for name in START_FIELDS]
        if None in plan:
            return None
        starts_at = to_instant(*plan)
        if row is not None and starts_at == row.starts_at:
            return starts_at
        if gap := clock_gap(*plan):
            self.add_error("local_time", say_gap(plan[1], gap))
        elif starts_at <= timezone.now() and "local_date" not in self.errors:
            self.add_error(
                "local_date",
                _("This day and time have gone by. Choose a day that is still to come."),
            )
        return starts_at

    def _check_published(
        self, row: Meeting, data: dict[str, Any], starts_at: datetime | None
    ) -> None:
        if starts_at != row.starts_at and timezone.now() >= row.starts_at:
            self.add_error("local_date", _("The time of a meeting can move only before it starts."))
        for check in facts_checks(Meeting(**{**_details(row), **_own(data)})):
            if check.stops:
                needs = _("People are told already, so it needs %(thing)s.")
                self.add_error(None, needs % {"thing": check.thing})


def _value(row: Meeting, name: str) -> Any:  # noqa: ANN401  of any field
    return seats_wanted(row) if name == "capacity" else getattr(row, name)


def _say(row: Meeting, name: str) -> str:
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else _value(row, name)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return gettext("nothing") if value in (None, "") else str(value)


DETAILS = ("facilitator", "audience", "join_url", "mode", "place")


def _details(row: Meeting) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DETAILS}


def _own(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in DETAILS if name in data}
