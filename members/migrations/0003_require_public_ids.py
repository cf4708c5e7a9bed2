from django.db import migrations

import cop.core.fields


class Migration(migrations.Migration):
    dependencies = [("members", "0002_public_ids")]

    operations = [
        migrations.AlterField(name, "public_id", cop.core.fields.PublicIdField())
        for name in ["site", "affiliation", "membership", "stream"]
    ]
