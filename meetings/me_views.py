from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cop.core.links import absolute
from meetings.actions import replace_calendar_feed
from meetings.models import CalendarFeed


@require_safe
@login_required
def calendar_feed(request: HttpRequest) -> HttpResponse:
    """The private address of one's own calendar. It is made by a button, not by looking."""
    feed = CalendarFeed.objects.filter(person=request.user).first()
    address = absolute(reverse("calendar_file", args=[feed.secret])) if feed else ""
    # webcal: opens the calendar program of phones and computers that have one.
    context = {"address": address, "open_url": f"webcal://{address.partition('://')[2]}"}
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
