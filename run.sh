#!/usr/bin/env bash
# Starts the whole suite from a fresh clone: installs what is missing, builds, and runs until Ctrl-C.
#   APPS_DATA   folder of the instance (default: data)      APPS_PORT   port of the portal (default: 8080)
set -euo pipefail
home=$(cd "$(dirname "$0")" && pwd)
"$home/scripts/packages.sh" run
"$home/scripts/build.sh"
export APPS_HOME=$home
exec "$home/artifacts/publish/Cli/release/apps" up "$@"
