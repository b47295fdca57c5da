#!/usr/bin/env bash
# Installs what the suite needs from the distribution, if it is missing. Usage: scripts/packages.sh run|test
set -euo pipefail

# A package and a file that shows it is there.
needed=(
  "postgresql:/usr/lib/postgresql"
  "rabbitmq-server:/usr/lib/rabbitmq/bin/rabbitmq-server"
  "libsecp256k1-1:/usr/lib/*/libsecp256k1.so.1"
  "liblmdb0:/usr/lib/*/liblmdb.so.0"
  "weasyprint:/usr/bin/weasyprint"
  "fonts-wqy-microhei:/usr/share/fonts/truetype/wqy"
)
if [ "${1:-run}" = test ]; then
  needed+=("chromium:/usr/bin/chromium")
  command -v npm >/dev/null || needed+=("nodejs:/usr/bin/node" "npm:/usr/bin/npm")
fi

missing=()
for entry in "${needed[@]}"; do
  compgen -G "${entry#*:}" >/dev/null || missing+=("${entry%%:*}")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing ${missing[*]}"
as_root=(); [ "$(id -u)" = 0 ] || as_root=(sudo)
# Servers are started by us, on ports of our own: the packages must not start theirs.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod +x "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { "${as_root[@]}" apt-get update -q && "${as_root[@]}" apt-get install -qy --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -20 "$log" >&2
  echo "could not install ${missing[*]}; install them by hand and start again" >&2
  exit 1
fi
rm -f "$log"
