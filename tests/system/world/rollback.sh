#!/bin/sh
# rollback.sh SHA: run that version of acme, and say so in the list of deploys. Exit 2: no such version.
set -eu
state=$(cd "$(dirname "$0")/../state" && pwd)
sha=${1:?usage: rollback.sh SHA}
grep -qx -- "$sha" "$state/versions" || { echo "rollback: unknown version $sha" >&2; exit 2; }
previous=$(cat "$state/version")
printf '%s' "$sha" >"$state/version.new"
mv "$state/version.new" "$state/version"
printf '{"at": "%s", "version": "%s", "previous": "%s", "kind": "deploy", "service": "acme", "by": "%s", "title": "%s"}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$sha" "$previous" "${DEPLOYED_BY:-rollback.yml}" "${DEPLOY_TITLE:-Roll back to $sha}" \
    >>"$state/deploys.jsonl"
echo "acme runs $sha (was $previous)"
