"""May the newsletter welcome us by name? One switch for the contacts of an organization (CO1)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cop.core.errors import ActionError
from members.actions.naming import OWN_PAGE, say_organization_named
from members.queries import spoken_for_by
from members.queries.naming import own_welcomes


@require_POST
@login_required
def organization_naming(request: HttpRequest, public_id: str, community_id: str) -> HttpResponse:
    """One tap; the other answer takes it back. Communities that one cannot see are 404."""
    organization = get_object_or_404(spoken_for_by(request.user), public_id=public_id)
    communities = own_welcomes(request.user, organization)
    community = get_object_or_404(communities, public_id=community_id)
    given = request.POST.get("answer") == "yes"
    try:
        say_organization_named(
            organization=organization, community=community, person=request.user, given=given,
            source=OWN_PAGE, now=timezone.now(),
        )  # fmt: skip
    except ActionError as error:
        messages.error(request, str(error))
    else:
        text = _("Thank you. The next newsletter may welcome you by name.")
        taken_back = _("Noted. No newsletter from now on names you.")
        messages.success(request, text if given else taken_back)
    return redirect("my_organization", public_id)
