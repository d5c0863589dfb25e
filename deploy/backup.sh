#!/usr/bin/env bash
# Back up a Brightline installation while it runs. Three sets, because two things must never lie in one back-up:
#
#   deploy/backup.sh DATA TO
#
#   TO/rows/     the rows, the ledger's entries, and the keys that belong to the installation: keep as long as you keep records
#   TO/erasure/  the key tree of the ledger, alone: DELETE AFTER 30 DAYS (a key in a back-up is a key that is not erased)
#   TO/fields/   the keys of personal columns, alone: keep apart from the rows, where nobody has both
#
# Never backed up: ledger.newest. It says how far the ledger had come, so that an old copy of it is noticed when it is restored.
# Order matters: the ledger after the rows, so that it has every record whose index the rows have noted.
set -euo pipefail
umask 077

if [ $# -ne 2 ]; then
  echo "usage: deploy/backup.sh DATA TO   (TO must not exist yet)" >&2
  exit 2
fi
data=$1 to=$2
if [ ! -f "$data/ledger/keys/signing.pem" ]; then
  echo "backup: $data holds no installation (there is no ledger/keys/signing.pem)" >&2
  exit 2
fi
if [ -e "$to" ]; then
  echo "backup: $to is there already; give a folder that does not exist" >&2
  exit 2
fi
for program in sqlite3 ${DATABASE_URL:+pg_dump}; do
  if ! command -v "$program" > /dev/null; then
    echo "backup: the program $program is missing" >&2
    exit 2
  fi
done

mkdir -p "$to/rows/ledger/keys" "$to/erasure" "$to/fields"

# a copy by SQLite's own means is whole although somebody writes meanwhile; a copy by cp would not be
copy() { sqlite3 "$1" ".timeout 20000" ".backup '$2'"; }

if [ -n "${DATABASE_URL:-}" ]; then
  pg_dump --format=custom --no-owner --file "$to/rows/brightline.dump" "$DATABASE_URL"
else
  copy "$data/brightline.sqlite3" "$to/rows/brightline.sqlite3"
fi
copy "$data/ledger/ledger.db" "$to/rows/ledger/ledger.db"
cp -p "$data/ledger/policy" "$to/rows/ledger/policy"
mkdir -p "$to/rows/ledger/public"  # empty: what was published lies elsewhere, and is not to grow old with a back-up
cp -p "$data/ledger/keys/signing.pem" "$to/rows/ledger/keys/signing.pem"
cp -p "$data/secret.key" "$to/rows/secret.key"

copy "$data/ledger/keys/erasure.db" "$to/erasure/erasure.db"
date -u +%Y-%m-%d > "$to/erasure/MADE-ON-delete-after-30-days"

for name in fields numbers; do
  if [ -f "$data/$name.key" ]; then cp -p "$data/$name.key" "$to/fields/$name.key"; fi
done

echo "backed up: $to/rows, $to/erasure (delete after 30 days), $to/fields (keep apart)"
