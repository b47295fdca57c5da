#!/usr/bin/env bash
# Runs the tests and ends with the totals.
#   ./test.sh                 everything that CI runs
#   ./test.sh pure            no servers: seconds
#   ./test.sh faults          long fault run: 100 000 deposits while every part is killed again and again
#   ./test.sh conformance     every case of the official suites that is at hand
set -uo pipefail
cd "$(dirname "$0")"
suite=${1:-all}
passed=0 failed=0

# Adds up "Failed: 1, Passed: 12" of dotnet's runner and "# pass 12" of node's.
count() {
  local p f
  p=$(sed -nE 's/.*Passed: +([0-9]+).*/\1/p; s/^# pass ([0-9]+)$/\1/p' "$1" | awk '{s+=$1} END {print s+0}')
  f=$(sed -nE 's/.*Failed: +([0-9]+).*/\1/p; s/^# (fail|cancelled) ([0-9]+)$/\2/p' "$1" | awk '{s+=$1} END {print s+0}')
  passed=$((passed + p)) failed=$((failed + f))
  # A runner that ended badly without counting a failure is one failure: a crash must never look like success.
  [ "$2" -eq 0 ] || [ "$f" -gt 0 ] || failed=$((failed + 1))
}

run() { # title, command …
  local title=$1 log begun=$SECONDS; shift
  log=$(mktemp)
  printf '\n== %s\n' "$title"
  "$@" >"$log" 2>&1; local code=$?
  grep -E '^(Passed!|Failed!)|^# (pass|fail) |seed|passed of|measured' "$log" | head -30
  # Every failed test by its name first: what follows of the first one may be long.
  [ $code -eq 0 ] || { grep -E '^ +Failed |^not ok' "$log" | sort -u | head -40; grep -vE '^\s*$' "$log" | head -60; }
  printf '   %s s\n' $((SECONDS - begun))
  count "$log" $code
  rm -f "$log"
}

dotnet_tests() {
  local before=$((passed + failed))
  run "$1" dotnet test "tests/$1" -c Release --no-build --nologo -v minimal "${@:2}"
  # A runner that was ended early reports no test and may still say that all is well.
  [ $((passed + failed)) -gt "$before" ] || failed=$((failed + 1))
}

npm_packages() { # folder: installs what its lock file says, once
  [ -f "$1/node_modules/.package-lock.json" ] && [ ! "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ] && return
  (cd "$1" && npm ci --no-audit --no-fund --silent)
}

finish() {
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

scripts/packages.sh test || exit 1
printf '== build\n'
dotnet build Apps.sln -c Release --nologo -v quiet -clp:ErrorsOnly || { passed=0 failed=1; finish; }

case $suite in
  pure)
    for project in Chain.Tests Chain.Simulation Services.Tests Repo.Tidy; do dotnet_tests $project --filter 'Category!=Long'; done
    finish ;;
  faults)
    scripts/build.sh || exit 1
    FAULTS=long dotnet_tests EndToEnd --filter 'FullyQualifiedName~FaultTests' --logger 'console;verbosity=normal'
    finish ;;
  conformance)
    dotnet_tests Chain.Tests --filter 'Category=Long' --logger 'console;verbosity=normal'
    finish ;;
  all) ;;
  *) sed -n 's/^#   //p' "$0"; exit 2 ;;
esac

scripts/build.sh || exit 1
for folder in contracts-sol services/Verifier.Js tests/Chain.Integration/js tests/EndToEnd/js \
  tests/Services.Tests/Traceability/Epcis/js; do
  [ -f $folder/package-lock.json ] && { npm_packages $folder || failed=$((failed + 1)); }
done
# Two lanes on two cores: what mostly computes beside what mostly waits. The first one's words follow at its end.
computing() {
  run 'format' dotnet format Apps.sln --verify-no-changes --no-restore
  for project in Repo.Tidy Chain.Tests Chain.Simulation Services.Tests Services.Integration; do
    dotnet_tests $project --filter 'Category!=Long'
  done
}
waiting() {
  run 'contracts: artefacts match the sources' npm --prefix contracts-sol run check
  run 'contracts' npm --prefix contracts-sol test
  run 'verifier in JavaScript' npm --prefix services/Verifier.Js test
  for project in Chain.Integration EndToEnd; do dotnet_tests $project --filter 'Category!=Long'; done
}
lane=$(mktemp -d)
(passed=0 failed=0; computing; echo "$passed $failed" >"$lane/totals") >"$lane/words" 2>&1 &
waiting
wait $!
cat "$lane/words"
# A lane that was ended early left no totals: a failure.
read -r p f <"$lane/totals" || { p=0 f=1; }
passed=$((passed + p)) failed=$((failed + f))
rm -rf "$lane"
finish
