from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from cop.core.ids import random_id

NAMES = ["site", "affiliation", "membership", "stream"]


def give_ids(apps, schema_editor):
    for name in NAMES:
        model = apps.get_model("members", name)
        rows = list(model.objects.filter(public_id=None).only("pk"))
        for row in rows:
            row.public_id = random_id()
        model.objects.bulk_update(rows, ["public_id"], batch_size=500)


def date_the_past(apps, schema_editor):
    """What ended without a day ends at the day it began, else today."""
    rows = apps.get_model("members", "Affiliation").objects.filter(state="ended", ended_on=None)
    rows.update(ended_on=Coalesce(F("started_on"), Value(timezone.now().date())))


class Migration(migrations.Migration):
    # In the open: a table must not be rewritten under the locks of the steps before.
    dependencies = [("members", "0001_add_people_and_communities")]

    operations = [
        *[
            migrations.AddField(name, "public_id", models.CharField(max_length=20, null=True))
            for name in NAMES
        ],
        migrations.RunPython(give_ids, migrations.RunPython.noop),
        migrations.RunPython(date_the_past, migrations.RunPython.noop),
    ]
