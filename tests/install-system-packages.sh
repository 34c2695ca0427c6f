# Installs Debian's chromium, postgresql, prometheus and faketime for the tests, where that is possible, and says aloud where it is not.

missing=""
command -v chromium >/dev/null || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v promtool >/dev/null && command -v prometheus >/dev/null || missing="$missing prometheus"
command -v faketime >/dev/null || missing="$missing faketime"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests:$missing"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null; } && exit 0
    echo "That did not work." >&2
fi
echo "Not here, so the tests that need them will be skipped:$missing" >&2
echo "To run them too, as root: apt-get install$missing" >&2
