# Each target does the whole set-up it needs. `make demo` and `make test` are the two that matter.
.PHONY: setup demo demo-watch calibrate test long check bench docs pages clean
PYTHON ?= python3
UV := .uv/bin/uv
BIN := .venv/bin
SYNC := $(UV) sync --quiet --all-extras

setup: .venv/.ready

# uv itself comes from the package registry into a folder of its own; nothing is installed outside this folder.
$(UV):
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"

.venv/.ready: $(UV) pyproject.toml
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(SYNC)
	touch $@

demo: setup
	$(BIN)/brightline audit sample:ice-detainers-fy2015 --reader ice-detainers-fy2015 --agency nyc_agency --law us-ny-nyc --out build/demo
ifeq ($(NO_SERVE),)
	$(BIN)/brightline serve --demo --data build/demo-data --audit build/demo
endif

# The worked examples of the watch, into build/watch. A plan that is rightly refused ends with 16, one that is FRAGILE with 17.
demo-watch: setup
	@for plan in src/brightline/watch/examples/*.yaml; do \
	  $(BIN)/brightline watch run $$plan --out build/watch/$$(basename $$plan .yaml) --log build/watch/log.jsonl; \
	  code=$$?; case $$code in 0|16|17) ;; *) exit $$code ;; esac; \
	done

check: setup
	$(BIN)/ruff check src tests bench scripts
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/brightline law check
	$(BIN)/brightline law test > build/law-test.txt || (cat build/law-test.txt; exit 1)

test: setup
	mkdir -p build
	$(MAKE) check
	scripts/chromium.sh
	scripts/postgres.sh
	scripts/tesseract.sh
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 2 -m "not long"

# The long tests: faults, load, whole walks in a browser, every page with every role. CI runs them after `make test`.
long: setup
	scripts/chromium.sh
	scripts/postgres.sh
	scripts/tesseract.sh
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 2 -m long
	OPENBLAS_NUM_THREADS=1 $(BIN)/python scripts/calibrate.py --sample

bench: setup
	$(SYNC) --group bench --group oracle
	scripts/wrk.sh
	$(BIN)/python bench/run.py

# False positives and coverage of the watch's tests, in full (about a quarter of an hour): docs/calibration.md.
calibrate: setup
	$(BIN)/python scripts/calibrate.py

# The generated pages and catalogues: loopholes and reforms as the prover finds them, sentences to translate.
pages: setup
	$(BIN)/python scripts/loopholes.py
	$(BIN)/python scripts/words.py
	$(BIN)/python scripts/papers.py
	$(BIN)/python scripts/roles.py

docs: setup
	$(SYNC) --group docs
	$(BIN)/mkdocs build --strict

clean:
	rm -rf build .venv .uv site
