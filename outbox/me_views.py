from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from outbox.actions.working import confirm_address_works


@login_required
@require_POST
def address_works(request: HttpRequest) -> HttpResponse:
    """The button of the banner: write to me again."""
    confirm_address_works(person=request.user, now=timezone.now())
    messages.success(
        request, _("We write to you again. If mail comes back once more, we tell you here.")
    )
    return redirect("me_home")
