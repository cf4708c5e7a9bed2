"""History cannot be rewritten: updates and deletes of audit events are refused by the database."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('cop.erasing_person', true) = 'yes' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON core_auditevent
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();

-- The one exception: a person who asks to be forgotten becomes nobody, the deed stays.
CREATE FUNCTION core_erase_person(person bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE changed integer;
BEGIN
    PERFORM set_config('cop.erasing_person', 'yes', true);
    UPDATE core_auditevent SET actor_id = NULL WHERE actor_id = person;
    GET DIAGNOSTICS changed = ROW_COUNT;
    PERFORM set_config('cop.erasing_person', '', true);
    RETURN changed;
END $$;
"""
BACKWARD = """
DROP FUNCTION core_erase_person(bigint);
DROP TRIGGER audit_append_only ON core_auditevent;
DROP FUNCTION core_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_add_audit_events")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
