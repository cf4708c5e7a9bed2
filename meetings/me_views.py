from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cop.core.links import absolute
from meetings.actions import choose_about_meetings, replace_calendar_feed
from meetings.forms.choices import MeetingChoicesForm
from meetings.models import CalendarFeed, Meeting, MeetingChoices


@require_safe
@login_required
def calendar_feed(request: HttpRequest) -> HttpResponse:
    """The private address of one's own calendar. It is made by a button, not by looking."""
    feed = CalendarFeed.objects.filter(person=request.user).first()
    address = absolute(reverse("calendar_file", args=[feed.secret])) if feed else ""
    choices = MeetingChoices.objects.filter(person=request.user).first() or MeetingChoices()
    wishes = {name: getattr(choices, name) for name in MeetingChoicesForm.base_fields}
    context = {
        "address": address,
        # webcal: opens the calendar program of phones and computers that have one.
        "open_url": f"webcal://{address.partition('://')[2]}",
        "form": MeetingChoicesForm(initial=wishes),
    }
    return render(request, "meetings/calendar_feed.html", context)


@require_POST
@login_required
def calendar_feed_replace(request: HttpRequest) -> HttpResponse:
    replace_calendar_feed(person=request.user)
    messages.success(
        request,
        _("Here is your new address. An older one shows nothing any more, so take this one over."),
    )
    return redirect("calendar_feed")


@require_POST
@login_required
def meeting_choices(request: HttpRequest) -> HttpResponse:
    form = MeetingChoicesForm(request.POST)
    if form.is_valid():
        choose_about_meetings(person=request.user, **form.cleaned_data)
        messages.success(request, _("Your choices are kept."))
    return redirect("calendar_feed")


@require_safe
@login_required
def my_meeting(request: HttpRequest, public_id: str) -> HttpResponse:
    """The way from a discreet entry to its meeting: this address names no community."""
    rows = Meeting.objects.visible_to(request.user).select_related("community")
    meeting = rows.filter(public_id=public_id).first()
    if meeting is None:
        raise Http404
    return redirect(meeting)
