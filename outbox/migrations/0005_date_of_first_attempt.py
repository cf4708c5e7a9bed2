"""A mail bears the date of its first attempt, not of the day on which it was queued."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0004_consent_is_kept"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="dated_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
