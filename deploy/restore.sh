#!/usr/bin/env bash
# Restore what deploy/backup.sh has made into a folder that does not exist yet.
#
#   deploy/restore.sh FROM DATA [NEWEST]
#
# NEWEST is the newest checkpoint that you can still find: ledger.newest of the lost disk, or `checkpoint` of the published
# copy, of a mirror or of a witness. When the ledger in the back-up is older than that, it opens for reading alone and says so;
# `brightline ledger repair DATA/ledger --from COPY` takes the missing entries from a published copy.
# Without NEWEST the script does not go on: nobody could tell whether something is missing. When there is none anywhere,
# and you know that nothing was written after the back-up, say `--the-backup-is-the-newest` in its place.
set -euo pipefail
umask 077

if [ $# -ne 3 ]; then
  echo "usage: deploy/restore.sh FROM DATA NEWEST   (NEWEST: the newest checkpoint, or --the-backup-is-the-newest)" >&2
  exit 2
fi
from=$1 data=$2 newest=$3
for part in rows/ledger/keys/signing.pem erasure/erasure.db fields/fields.key; do
  if [ ! -f "$from/$part" ]; then
    echo "restore: $from/$part is missing; bring the three sets together first (rows, erasure, fields)" >&2
    exit 2
  fi
done
if [ -e "$data" ]; then
  echo "restore: $data is there already; give a folder that does not exist" >&2
  exit 2
fi
if [ "$newest" != --the-backup-is-the-newest ] && [ ! -s "$newest" ]; then
  echo "restore: $newest is no checkpoint" >&2
  exit 2
fi

mkdir -p "$data"
cp -rp "$from/rows/." "$data/"
cp -p "$from/erasure/erasure.db" "$data/ledger/keys/erasure.db"
cp -p "$from"/fields/*.key "$data/"
chmod 700 "$data" "$data/ledger/keys"
chmod 600 "$data"/*.key "$data/ledger/keys/"*

if [ "$newest" = --the-backup-is-the-newest ]; then
  "${BRIGHTLINE_PYTHON:-python3}" - "$data/ledger" << 'PYTHON'
import sys
from pathlib import Path
from brightline.ledger import Ledger

folder = Path(sys.argv[1])
with Ledger.open(folder, read_only=True) as ledger:
    Path(f"{folder}.newest").write_bytes(ledger.checkpoint.encode())
PYTHON
else
  cp "$newest" "$data/ledger.newest"
fi
if [ -f "$data/brightline.dump" ]; then
  echo "now load the rows: pg_restore --clean --if-exists --no-owner --dbname \"\$DATABASE_URL\" $data/brightline.dump"
fi
echo "restored: $data. Look at it with: brightline ledger fsck $data/ledger"
