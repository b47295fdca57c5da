#!/usr/bin/env bash
# Publishes the programs to artifacts/publish when a source is newer than the last build.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v dotnet >/dev/null || { echo "The .NET SDK (10.0) is needed: no 'dotnet' on the path." >&2; exit 1; }
stamp=artifacts/publish/built
if [ -f "$stamp" ] && [ -z "$(find chain services Directory.*.props global.json -newer "$stamp" -type f \
    -not -path '*/node_modules/*' -print -quit)" ]; then
  exit 0
fi

echo "building (three to five minutes the first time)"
mkdir -p artifacts/publish
touch "$stamp.next" # its time is that of the start: what is edited while the build runs is newer
if ! dotnet publish Programs.slnf -c Release --nologo -v quiet -clp:ErrorsOnly >artifacts/build.log 2>&1; then
  tail -30 artifacts/build.log >&2
  echo "the build failed; the whole log is artifacts/build.log" >&2
  exit 1
fi
mv "$stamp.next" "$stamp"
