#!/usr/bin/env bash
# Installs the system's Chromium for the browser tests, when it is missing and we may. Without it those tests are skipped,
# and say so; so this never fails.
set -u

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" > /dev/null; then
    echo "Chromium is here: $(command -v "$name")"
    exit 0
  fi
done

if ! command -v apt-get > /dev/null; then
  echo "Chromium is missing, and there is no apt-get: install it yourself; until then the browser tests are skipped."
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Chromium is missing: run 'sudo apt-get install chromium'; until then the browser tests are skipped."
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
if apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium > /dev/null && command -v chromium > /dev/null; then
  echo "Chromium was installed: $(command -v chromium)"
else
  echo "Chromium is missing and could not be installed; until then the browser tests are skipped."
fi
exit 0
