-- Two roles for one site (ASVS 13.2.2). :"owner" owns the database and changes its structure when
-- the site is upgraded; :"web" reads and writes rows and can change no structure. Run once, by a
-- superuser, in the site's own empty database. The variables are psql's.
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password' NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE :"web" LOGIN PASSWORD :'web_password' NOSUPERUSER NOCREATEDB NOCREATEROLE;

-- The owner of a database may create its trusted extensions (unaccent, pg_trgm, btree_gist, citext).
ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"web";

REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO :"owner";
GRANT USAGE ON SCHEMA public TO :"web";

-- For every table that a migration will create: rows, but no TRUNCATE and no triggers.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"web";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO :"web";
