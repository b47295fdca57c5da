#!/bin/sh
# Runs once in a new PostgreSQL cluster: a role and a database for each service.
set -eu
create() { # name, password
  psql -v ON_ERROR_STOP=1 -v name="$1" -v password="$2" -U "$POSTGRES_USER" -d postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}
create identity "$IDENTITY_DB_PASSWORD"
create evidence "$EVIDENCE_DB_PASSWORD"
create trace "$TRACE_DB_PASSWORD"
create receivables "$RECEIVABLES_DB_PASSWORD"
create prepaid "$PREPAID_DB_PASSWORD"
create anchor "$ANCHOR_DB_PASSWORD"
