#!/bin/sh
# Makes the databases of Offramp and of Temporal, each with an owner that cannot see the other; on a new volume only.
set -eu

psql --set ON_ERROR_STOP=1 --username postgres \
    --set offramp_password="$OFFRAMP_DATABASE_PASSWORD" --set temporal_password="$TEMPORAL_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE offramp LOGIN PASSWORD :'offramp_password';
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE offramp OWNER offramp;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE offramp, temporal, temporal_visibility FROM PUBLIC;
SQL
