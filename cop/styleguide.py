from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from cop.core.templatetags.cop import PARTS


class SampleForm(forms.Form):
    """Every kind of field that the product uses."""

    name = forms.CharField(
        label=_("Your name"), help_text=_("As you want other members to see it.")
    )
    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(
        label=_("What you do there"),
        choices=[("", _("Choose one")), ("frontline", _("Front line")), ("manager", _("Manager"))],
    )
    about = forms.CharField(
        label=_("What brings you here"),
        widget=forms.Textarea,
        required=False,
        help_text=_("Two or three sentences are enough."),
    )
    licence = forms.FileField(
        label=_("A photo of the licence"),
        required=False,
        help_text=_("Up to 50 MB. Photograph only the page with the licence number."),
    )
    kind = forms.ChoiceField(
        label=_("How the house is recognized"),
        choices=[("licensed", _("Licensed")), ("registered", _("Registered"))],
        widget=forms.RadioSelect,
    )
    mails = forms.MultipleChoiceField(
        label=_("What we may write to you about"),
        choices=[("news", _("Newsletter, every two months")), ("meetings", _("New meetings"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agree = forms.BooleanField(label=_("I agree to the participation agreement"))


def styleguide(request: HttpRequest) -> HttpResponse:
    if not (settings.LOCAL_MODE or request.user.is_staff):
        raise Http404
    context = {
        "nav_items": _places(),
        "themes": [_theme("light", _("Light")), _theme("dark", _("Dark"))],
        "tabs": _tabs(),
        "parents": [{"label": _("Meetings"), "url": "#"}],
        "steps": _steps(),
        "events": _events(),
        "weeks": _weeks(),
        "weekdays": [(WEEKDAYS_ABBR[n], WEEKDAYS[n]) for n in range(7)],
        "facts": [
            (_("When"), _("Thursday 11 February, 10:00 to 11:15 a.m. Pacific time")),
            (_("Where"), _("Online, by Zoom")),
            (_("Seats"), _("24 taken of 30")),
        ],
        "states": _states(),
        "icons": sorted(path.stem for path in (PARTS / "icons").glob("*.svg")),
    }
    if "message" in request.GET:
        messages.success(
            request, _("Your answer is noted. You can change it until the meeting starts.")
        )
    return render(request, "styleguide.html", context)


def _theme(name: str, label: str) -> dict[str, object]:
    """One of the two themes, with forms of its own so that no id stands twice on the page."""
    wrong = {"name": "", "email": "dani@", "role": "", "kind": ""}
    return {
        "name": name,
        "label": label,
        "form": SampleForm(auto_id=f"{name}_%s", initial={"mails": ["news"], "kind": "licensed"}),
        "wrong_form": SampleForm(wrong, auto_id=f"{name}_wrong_%s"),
    }


def _places() -> list[dict[str, object]]:
    places = [
        (_("Home"), "house", True),
        (_("Meetings"), "calendar", False),
        (_("Library"), "book", False),
        (_("Talk"), "chat-dots", False),
    ]
    return [
        {"label": label, "icon": icon, "url": "#main", "current": now}
        for label, icon, now in places
    ]


def _tabs() -> list[dict[str, object]]:
    labels = [(_("Upcoming"), True), (_("Past"), False), (_("Month"), False)]
    return [{"label": label, "url": "#main", "current": current} for label, current in labels]


def _steps() -> list[dict[str, object]]:
    return [
        {"label": _("Where you work"), "done": True},
        {"label": _("How you qualify"), "current": True},
        {"label": _("Agreement")},
    ]


def _events() -> list[dict[str, object]]:
    return [
        {"at": _("Monday 4 January"), "text": _("You sent your application.")},
        {
            "at": _("Wednesday 6 January"),
            "text": _("Maya asked for one more page."),
            "detail": _("“The second page of the licence, please.”"),
        },
        {"at": _("Friday 8 January"), "text": _("You are a member.")},
    ]


def _states() -> list[dict[str, object]]:
    return [
        {"kind": "good", "icon": "check-circle", "label": _("Approved")},
        {"kind": "wait", "icon": "hourglass-split", "label": _("Waiting for you")},
        {"kind": "bad", "icon": "x-circle", "label": _("Cancelled")},
        {"kind": "info", "icon": "people", "label": _("Open to guests")},
        {"kind": "plain", "icon": "archive", "label": _("Past")},
    ]


def _weeks() -> list[list[dict[str, object]]]:
    """February 2027 begins on a Monday: four whole weeks."""
    meetings = {11: _("Peer Input"), 25: _("Dialogue session")}
    days = [{"day": day, "title": meetings.get(day), "today": day == 9} for day in range(1, 29)]
    return [days[start : start + 7] for start in range(0, 28, 7)]
