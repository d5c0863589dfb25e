#!/usr/bin/env bash
# Installs wrk for the benchmark of the gate, when it is missing and we may. Without it the load is made by a slower program of
# our own; so this never fails.
set -u

if command -v wrk > /dev/null; then
  echo "wrk is here"
  exit 0
fi
if ! command -v apt-get > /dev/null; then
  echo "wrk is missing, and there is no apt-get: install it yourself; until then the load is made by a slower program."
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "wrk is missing: run 'sudo apt-get install wrk'; until then the load is made by a slower program."
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
if apt-get update -qq && apt-get install -y -qq --no-install-recommends wrk > /dev/null; then
  echo "wrk was installed"
else
  echo "wrk is missing and could not be installed; until then the load is made by a slower program."
fi
exit 0
