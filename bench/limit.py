"""The least that Django can do for an answer: its own middleware, one UPDATE, one row.

Who is signed in, a seat by a conditional UPDATE, an answer for each: no audience, no line of who
waits, no mail, no calendar. What ours costs beside it is what these cost.
"""

import os

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop.settings")
application = get_wsgi_application()

from bench.bare import MIDDLEWARE  # noqa: E402  apps are ready now
from meetings.models import Meeting, Rsvp  # noqa: E402


@require_POST
@login_required
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        free = Meeting.objects.filter(pk=pk, going_count__lt=F("capacity"))
        is_seated = free.update(going_count=F("going_count") + 1) == 1
        Rsvp.objects.create(
            meeting_id=pk, person=request.user, answered_at=timezone.now(),
            state="going" if is_seated else "not_going", holds_seat=is_seated,
        )  # fmt: skip
    return HttpResponseRedirect("/")


urlpatterns = [path("<int:pk>/", answer)]

# Set before the first request builds the chain: this process serves nothing else.
settings.MIDDLEWARE, settings.ROOT_URLCONF = MIDDLEWARE, __name__
application.load_middleware()
