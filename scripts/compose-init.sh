#!/bin/sh
# Runs once before everything else in compose: the anchor's keys, then keys, certificates and genesis blocks of the chain.
#   compose-init.sh GROUP:CHAINID,… HOST,…      APP and DATA name other folders than the image's
set -eu
groups=$1 hosts=$2 app=${APP:-/app} data=${DATA:-/data}
[ ! -f "$data/chain/network.json" ] || exit 0

names=$(echo "$groups" | sed 's/:[0-9]*//g')
public=$("$app/Anchor/release/Anchor" keys --out "$data/anchor/keys.json" --groups "$names")
anchors=$(for name in $(echo "$names" | tr , ' '); do
  echo "$public" | sed -n "s/.*\"$name\":{\"address\":\"\(0x[0-9a-fA-F]*\)\".*/$name:\1/p"
done | paste -sd, -)
# The prefix names the logs for ever: a random part keeps two networks apart.
prefix=apps.$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')
rm -rf "$data/chain/new"
"$app/Chain.Node/release/Chain.Node" network create --out "$data/chain/new" --nodes 4 --groups "$groups" --hosts "$hosts" \
  --rpc-port 8100 --p2p-port 8110 --origin-prefix "$prefix" --anchor "$anchors" --contracts "${CONTRACTS:-$app/contracts}"
# The public file comes last: a network that has it is complete.
for part in "$data"/chain/new/genesis "$data"/chain/new/node*; do mv "$part" "$data/chain/"; done
mv "$data/chain/new/network.json" "$data/chain/"
rmdir "$data/chain/new"
