"""What staff type about a vote. Hours are those of the community's wall clock."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cop.core.time import clock_gap, to_instant
from meetings.desk_forms.steps import say_gap
from meetings.models import Ballot, TopicProposal
from meetings.queries.ballots import SHORTEST

TOO_SHORT = _("Keep it open for at least seven days, so that all shifts see it.")


def day_field(label: Any, **more: Any) -> forms.DateField:  # noqa: ANN401
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **more)


def time_field(label: Any, **more: Any) -> forms.TimeField:  # noqa: ANN401
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, widget=widget, **more)


class TopicChoice(forms.ModelMultipleChoiceField):
    names_community = False

    def label_from_instance(self, obj: TopicProposal) -> str:
        words = [obj.title]
        if obj.times_carried:
            words.append(str(_("was in the last vote too")))
        if self.names_community:
            words.append(obj.community.short_name)
        return " · ".join(words)


class BallotDeskForm(forms.ModelForm):
    opens_on = day_field(_("Opens on"))
    opens_time = time_field(_("Opens at (wall clock)"), initial=time(9))
    closes_on = day_field(_("Closes on"), help_text=TOO_SHORT)
    closes_time = time_field(_("Closes at (wall clock)"), initial=time(18))
    topics = TopicChoice(
        label=_("Topics"), queryset=TopicProposal.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The open ones. Those that were not chosen last time come once more."),
    )  # fmt: skip

    class Meta:
        model = Ballot
        fields = [
            "community", "title", "intro", "language", "method", "dots", "most_on_one", "seats",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        ballot = self.instance
        if ballot.pk is None:
            return
        zone = ZoneInfo(ballot.community.timezone)
        for name in ("opens", "closes"):
            local = getattr(ballot, f"{name}_at").astimezone(zone)
            self.initial |= {f"{name}_on": local.date(), f"{name}_time": local.time()}
        self.initial["topics"] = list(ballot.options.values_list("topic", flat=True))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        community = data.get("community") or getattr(self.instance, "community", None)
        if community is None:
            return data
        opens, closes = (self._instant(name, community.timezone) for name in ("opens", "closes"))
        if opens and closes and closes - opens < SHORTEST:
            self.add_error("closes_on", TOO_SHORT)
        elif opens and closes:
            data |= {"opens_at": opens, "closes_at": closes}
            self.instance.opens_at, self.instance.closes_at = opens, closes
        self._check_numbers(data)
        for topic in data.get("topics") or []:
            if topic.community_id != community.pk:
                told = _("“%(title)s” belongs to another community. Take it off the list.")
                self.add_error("topics", told % {"title": topic.title})
        return data

    def _instant(self, name: str, zone: str) -> datetime | None:
        day: date | None = self.cleaned_data.get(f"{name}_on")
        at: time | None = self.cleaned_data.get(f"{name}_time")
        if day is None or at is None:
            return None
        if gap := clock_gap(day, at, zone):
            self.add_error(f"{name}_time", say_gap(at, gap))
            return None
        return to_instant(day, at, zone)

    def _check_numbers(self, data: dict[str, Any]) -> None:
        most, dots = data.get("most_on_one"), data.get("dots")
        if data.get("method") == Ballot.Method.DOTS and most and dots and most > dots:
            told = _("This is more than a person has to give. Write %(dots)d at most.")
            self.add_error("most_on_one", told % {"dots": dots})


class BallotStepForm(forms.Form):
    """Asks nothing by itself; knows its vote."""

    def __init__(self, *args: Any, ballot: Ballot, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.ballot = ballot


class ExtendForm(BallotStepForm):
    closes_on = day_field(_("Closes on"))
    closes_time = time_field(_("Closes at (wall clock)"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        local = self.ballot.closes_at.astimezone(ZoneInfo(self.ballot.community.timezone))
        self.initial = {"closes_on": local.date(), "closes_time": local.time()}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        day, at, zone = (
            data.pop("closes_on", None),
            data.pop("closes_time", None),
            self.ballot.community.timezone,
        )
        if day is None or at is None:
            return data
        if gap := clock_gap(day, at, zone):
            self.add_error("closes_time", say_gap(at, gap))
            return data
        data["closes_at"] = to_instant(day, at, zone)
        if data["closes_at"] <= max(self.ballot.closes_at, timezone.now()):
            told = _("The new end must be later than the one people know.")
            self.add_error("closes_on", told)
        return data


class CallOffForm(BallotStepForm):
    reason = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=_("Your words, as everybody who could vote reads them."),
    )  # fmt: skip
