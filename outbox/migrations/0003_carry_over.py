"""What was written before gets its list, its hash, its host and its place in the line."""

from typing import Any

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Coalesce

from outbox.addresses import address_hash


def take_over(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401
    Consent = apps.get_model("outbox", "Consent")
    Suppression = apps.get_model("outbox", "Suppression")
    Delivery = apps.get_model("outbox", "Delivery")
    consents = Consent.objects.select_related("subscription__person").filter(mailing_list=None)
    for row in consents.iterator():
        of = row.subscription
        row.mailing_list_id = of.mailing_list_id
        row.address_hash = address_hash(of.person.email if of.person else of.address)
        row.save(update_fields=["mailing_list", "address_hash"])
    for row in Suppression.objects.iterator():
        row.address_hash = row.address_hash[:32]
        row.save(update_fields=["address_hash"])
    Delivery.objects.filter(state="uncertain", ended_at=None).update(
        ended_at=Coalesce("started_at", "claimed_at", "created_at")
    )
    Delivery.objects.filter(priority__lt=10).update(priority=F("priority") * 10)


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_deliver_once")]
    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
