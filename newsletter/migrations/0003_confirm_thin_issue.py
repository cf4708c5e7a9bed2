from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0002_write_together")]

    operations = [
        migrations.AddField(
            model_name="newsletterissue",
            name="is_thin_confirmed",
            field=models.BooleanField(default=False),
        ),
    ]
