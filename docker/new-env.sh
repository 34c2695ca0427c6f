#!/bin/sh
# Writes .env with a fresh secret for every line of .env.example, for its owner alone to read. One that is there stays.
set -eu
cd "$(dirname "$0")/.."

secret() {
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

if [ -e .env ]; then
    echo ".env is there already, and stays as it is" >&2
    exit 1
fi
umask 077
while IFS= read -r line; do
    case $line in
        *=) printf '%s%s\n' "$line" "$(secret)" ;;
    esac
done <.env.example >.env.new
mv .env.new .env
echo "Wrote .env; whoever reads it can sign in everywhere, so keep it to yourself"
