#!/usr/bin/env bash
# Installs PostgreSQL's server for the tests, when it is missing and we may. The tests start one of their own, in a folder of
# their own. Without it they are skipped, and say so; so this never fails.
set -u

if command -v initdb > /dev/null || ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1; then
  echo "PostgreSQL is here"
  exit 0
fi
if ! command -v apt-get > /dev/null; then
  echo "PostgreSQL is missing, and there is no apt-get: install it yourself; until then its tests are skipped."
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "PostgreSQL is missing: run 'sudo apt-get install postgresql'; until then its tests are skipped."
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
if apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql > /dev/null; then
  echo "PostgreSQL was installed"
else
  echo "PostgreSQL is missing and could not be installed; until then its tests are skipped."
fi
exit 0
