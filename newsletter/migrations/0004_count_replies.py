from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0003_confirm_thin_issue")]

    operations = [
        migrations.AddField(
            model_name="newsletterissue",
            name="replies",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="answers"),
        ),
    ]
