from django.db import migrations


def say_the_rules(apps, schema_editor):
    """What the code knew of the four criteria of recovery stands in their rows from now on."""
    criteria = apps.get_model("members", "Criterion").objects
    criteria.filter(code="REGISTERED").update(
        validity="next_31_march", doubt="society_number", is_tied_to_address=True
    )
    criteria.filter(code="LICENSED").update(validity="twelve_months")
    streams = apps.get_model("members", "Stream").objects
    features = {
        "learn": ["meetings", "library", "topics"],
        "share": ["meetings", "directory", "mentorship", "discussions"],
        "build": ["meetings", "library", "groups"],
    }
    for kind, parts in features.items():
        streams.filter(kind=kind, features=[]).update(features=parts)


class Migration(migrations.Migration):
    dependencies = [("members", "0004_communities_and_evidence")]

    operations = [migrations.RunPython(say_the_rules, migrations.RunPython.noop)]
