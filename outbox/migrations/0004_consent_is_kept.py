"""Consent can be neither rewritten nor deleted; it only loses the link to an erased account."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION outbox_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.subscription_id IS NULL
       AND to_jsonb(NEW) - 'subscription_id' = to_jsonb(OLD) - 'subscription_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'consents are append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE ON outbox_consent
    FOR EACH ROW EXECUTE FUNCTION outbox_refuse_change();
"""
BACKWARD = """
DROP TRIGGER consent_append_only ON outbox_consent;
DROP FUNCTION outbox_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0003_carry_over")]
    operations = [
        migrations.AlterField(
            "consent",
            "mailing_list",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consents",
                to="outbox.mailinglist",
            ),
        ),
        migrations.AlterField("consent", "address_hash", models.CharField(max_length=32)),
        migrations.AlterField("suppression", "address_hash", models.CharField(max_length=32)),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
