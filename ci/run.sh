#!/bin/sh
# One run for a job, with every report that a job keeps. Ends with the exit code of `chatconform run`.
#
#   CHATCONFORM_TARGET       base URL, or name in chatconform.toml; needed
#   CHATCONFORM_KEY          the key of a URL
#   CHATCONFORM_KEY_ENV      or the variable that holds the key
#   CHATCONFORM_CONFIG       chatconform.toml, where it is not here or above
#   CHATCONFORM_MODEL        model to ask for
#   CHATCONFORM_PROFILE      named set of requirements
#   CHATCONFORM_BASELINE     what was accepted of this target
#   CHATCONFORM_STRICT       true: requirements of level SHOULD decide as well
#   CHATCONFORM_SHARD        K/N: the K-th of N parts of the run
#   CHATCONFORM_RESULTS      folder of the record and the reports; by default chatconform-results
#   CHATCONFORM_BADGE        where the badge goes too
#   CHATCONFORM_ANNOTATIONS  true: print annotations for GitHub Actions
#   CHATCONFORM_ARGS         more arguments of `chatconform run`, quoted as for a shell; so are those of this script
set -eu
misused() { echo "ci/run.sh: $1" >&2; exit 2; }
is_true() { # NAME VALUE
  case $2 in true) ;; false | "") return 1 ;; *) misused "$1 is true or false" ;; esac
}

# Without a target the server that comes with chatconform would be checked, and a misspelt variable be green for ever.
[ -n "${CHATCONFORM_TARGET:-}" ] || misused "CHATCONFORM_TARGET is empty: give a base URL or a target's name"
results=${CHATCONFORM_RESULTS:-chatconform-results}

case ${CHATCONFORM_ARGS:-} in *[![:space:]]*)
  # xargs knows quotes and expands nothing.
  words=$(printf '%s\n' "$CHATCONFORM_ARGS" | xargs -n 1 printf '%s\n') ||
    misused "the extra arguments cannot be split into words"
  while IFS= read -r word; do set -- "$@" "$word"; done << END
$words
END
esac

# What was given last counts, so that more arguments may say otherwise.
set -- --out "$results" "$@"
[ -z "${CHATCONFORM_CONFIG:-}" ] || set -- --config "$CHATCONFORM_CONFIG" "$@"
[ -z "${CHATCONFORM_MODEL:-}" ] || set -- --model "$CHATCONFORM_MODEL" "$@"
[ -z "${CHATCONFORM_KEY_ENV:-}" ] || set -- --target-key-env "$CHATCONFORM_KEY_ENV" "$@"
[ -z "${CHATCONFORM_PROFILE:-}" ] || set -- --profile "$CHATCONFORM_PROFILE" "$@"
[ -z "${CHATCONFORM_SHARD:-}" ] || set -- --shard "$CHATCONFORM_SHARD" "$@"
is_true CHATCONFORM_STRICT "${CHATCONFORM_STRICT:-}" && set -- --strict "$@"

# The reports of an earlier run would be taken for those of this one.
for report in report.html summary.md junit.xml chatconform.sarif gl-code-quality-report.json badge.json run.ndjson \
  gate.md gate.json; do
  rm -f "$results/$report"
done
set -- --format "html=$results/report.html" --format "summary=$results/summary.md" \
  --format "junit=$results/junit.xml" --format "sarif=$results/chatconform.sarif" \
  --format "gitlab=$results/gl-code-quality-report.json" --format "badge=$results/badge.json" \
  --format "ndjson=$results/run.ndjson" "$@"
[ -z "${CHATCONFORM_BADGE:-}" ] || set -- --format "badge=$CHATCONFORM_BADGE" "$@"

annotations=--format
if [ -n "${CHATCONFORM_BASELINE:-}" ]; then
  set -- --baseline "$CHATCONFORM_BASELINE" \
    --gate-format "summary=$results/gate.md" --gate-format "json=$results/gate.json" "$@"
  annotations=--gate-format
fi
is_true CHATCONFORM_ANNOTATIONS "${CHATCONFORM_ANNOTATIONS:-}" && set -- "$annotations" github "$@"

exec chatconform run "$@" -- "$CHATCONFORM_TARGET"
