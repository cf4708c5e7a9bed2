"""Extensions and text search settings. Run by the migration role; the web role needs no DDL."""

from django.contrib.postgres.operations import (
    BtreeGistExtension,
    CITextExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

CONFIGURATIONS = """
CREATE TEXT SEARCH CONFIGURATION cop_en (COPY = english);
ALTER TEXT SEARCH CONFIGURATION cop_en
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
CREATE TEXT SEARCH CONFIGURATION cop_fr (COPY = french);
ALTER TEXT SEARCH CONFIGURATION cop_fr
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem;
-- unaccent() is only STABLE; with the dictionary named it may stand in an index.
CREATE FUNCTION cop_fold(text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1));
"""
REMOVE = """
DROP FUNCTION cop_fold(text);
DROP TEXT SEARCH CONFIGURATION cop_fr;
DROP TEXT SEARCH CONFIGURATION cop_en;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        BtreeGistExtension(),
        CITextExtension(),
        migrations.RunSQL(CONFIGURATIONS, REMOVE),
    ]
