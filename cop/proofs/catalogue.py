"""All e-mails that the product sends, each with a sample, in the order of a member's way."""

from django.utils.translation import gettext_lazy as _

from cop.core.samples import Sample, Words
from library import samples as library
from meetings import samples as meetings
from members import account_samples as account
from members import samples as members
from newsletter import samples as newsletter

GROUPS: list[tuple[Words, list[Sample]]] = [
    (_("Account and sign-in"), account.SAMPLES),
    (_("Joining"), [*members.SAMPLES, meetings.WELCOME]),
    (_("Meetings"), meetings.SAMPLES),
    (_("Library"), library.SAMPLES),
    (_("Newsletter"), newsletter.SAMPLES),
]
SAMPLES = {sample.name: sample for _title, samples in GROUPS for sample in samples}
