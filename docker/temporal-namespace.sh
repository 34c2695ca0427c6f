#!/bin/sh
# Makes the namespace that journeys run in, unless it is there; what has ended is kept for 30 days.
set -eu

until temporal operator cluster health; do
    sleep 2
done
temporal operator namespace describe "$TEMPORAL_NAMESPACE" ||
    temporal operator namespace create --retention 30d "$TEMPORAL_NAMESPACE"
