#!/bin/sh
# Brings Temporal's two databases to the schema of its version; does nothing where they have it.
set -eu

prepare() {
    temporal-sql-tool --database "$1" setup-schema --version 0.0
    temporal-sql-tool --database "$1" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$2/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
