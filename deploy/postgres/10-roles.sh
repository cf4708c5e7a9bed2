#!/bin/sh
# Run by the PostgreSQL image, once, when its volume is empty.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set owner=cop_owner --set owner_password="$DB_OWNER_PASSWORD" \
    --set web=cop_web --set web_password="$DB_WEB_PASSWORD" \
    --set database="$POSTGRES_DB" \
    --file /deploy/roles.sql
