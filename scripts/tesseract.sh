#!/usr/bin/env bash
# Installs Tesseract, which reads scanned papers, for the tests; when it is missing and we may. Without it those tests are
# skipped, and say so; so this never fails.
set -u

if command -v tesseract > /dev/null; then
  echo "Tesseract is here"
  exit 0
fi
if ! command -v apt-get > /dev/null; then
  echo "Tesseract is missing, and there is no apt-get: install it yourself; until then its tests are skipped."
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Tesseract is missing: run 'sudo apt-get install tesseract-ocr'; until then its tests are skipped."
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
if apt-get update -qq && apt-get install -y -qq --no-install-recommends tesseract-ocr tesseract-ocr-eng > /dev/null; then
  echo "Tesseract was installed"
else
  echo "Tesseract is missing and could not be installed; until then its tests are skipped."
fi
exit 0
