# Everything a fresh Debian machine needs is made under build/: a Python with each Blender (the bpy
# wheel), the engine's own environment, and the tools. Each is made once; a change of its versions
# makes it anew.

PYTHON ?= python3
BUILD := build
ENGINE := $(BUILD)/engine
TOOLS := $(BUILD)/tools
PHOTOGRAPH := $(BUILD)/photographs/skimage/data/coffee.png
INSTALL := sharpdepth_blender/process/install
BLENDERS := 4.5 5.0

BPY_4.5 := 4.5.15
BPY_5.0 := 5.0.1

# What leans on Blender most, of the rooms that are not tested whole in each one.
LEANS := $(addprefix tests/tasks/test_,generate.py generate_again.py leaving.py findings.py) tests/ui tests/cli/test_commandline.py tests/cli/test_one_road.py $(addprefix tests/training/,scenes test_scenes.py test_scenes_run.py)

# Hostile input that the engine alone reads.
FAULTS := tests/faults/test_weights.py tests/faults/test_generated_pictures.py

# What needs nothing but Blender and the engine; benchmarks/README.md tells of the others.
BENCHES := geometry live projection layers planes fill move dolly package handover sequence sizes long_shot night soak

PYTEST := pytest==9.2.0 pytest-timeout==2.4.0 pytest-xdist==3.8.0 hypothesis==6.170.15
SIDE_BY_SIDE := -n auto

export SHARPDEPTH_ENGINE := $(CURDIR)/$(ENGINE)

.PHONY: help demo demo-projection test test-fast test-slow test-hosts lint preview pictures zip bench lock clean
.DEFAULT_GOAL := demo
.DELETE_ON_ERROR:

demo: $(BUILD)/blender-5.0/.ready $(ENGINE)/.ready $(if $(PICTURE),,$(PHOTOGRAPH))  ## picture -> sharpened depth -> mesh, and a picture of it; PICTURE=FILE for one of yours
	$(BUILD)/blender-5.0/bin/python demo/run.py --into $(BUILD)/demo $(if $(PICTURE),"$(PICTURE)",--plate $(PHOTOGRAPH))

demo-projection: $(BUILD)/blender-5.0/.ready $(ENGINE)/.ready  ## plates -> layers -> a dolly, beside what the camera truly shows
	$(BUILD)/blender-5.0/bin/python demo/projection.py --into $(BUILD)/demo

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

# One thread of PyTorch a process: more of them wait for each other, where tests run side by side.
test test-fast: export OMP_NUM_THREADS := 1
test: $(BUILD)/.test-system $(ENGINE)/.tests $(foreach v,$(BLENDERS),$(BUILD)/blender-$(v)/.ready)  ## the tests, in every Blender
	$(ENGINE)/bin/python -m pytest $(SIDE_BY_SIDE) tests/engine tests/library $(FAULTS) tests/training tests/test_security.py
	$(BUILD)/blender-5.0/bin/python -m pytest $(SIDE_BY_SIDE) tests/geometry tests/library tests/process tests/scene tests/tasks tests/cli tests/ui tests/faults tests/test_api.py tests/test_tae.py tests/training tests/vendor_install
	$(BUILD)/blender-4.5/bin/python -m pytest $(SIDE_BY_SIDE) tests/scene $(LEANS)

test-fast: $(ENGINE)/.tests $(BUILD)/blender-5.0/.ready  ## those that need no minutes, in Blender 5.0
	$(ENGINE)/bin/python -m pytest $(SIDE_BY_SIDE) tests/engine tests/library
	$(BUILD)/blender-5.0/bin/python -m pytest $(SIDE_BY_SIDE) tests/geometry tests/scene tests/tasks \
	  $(addprefix --ignore=tests/scene/,export test_linked.py test_own_paths.py test_units_and_scenes.py test_view_transform.py)

test-slow: $(ENGINE)/.tests $(BUILD)/blender-5.0/.ready  ## full-size networks, real installations, kills
	$(ENGINE)/bin/python -m pytest -m slow tests/engine tests/training
	$(BUILD)/blender-5.0/bin/python -m pytest -m slow tests/scene tests/cli tests/vendor_install

test-hosts: $(ENGINE)/.ready $(BUILD)/blender-5.0/.ready  ## the extension in a real, windowed Blender
	$(BUILD)/blender-5.0/bin/python -m pytest tests/hosts

lint: $(TOOLS)/.ready  ## style, types, and the arrows between the rooms
	$(TOOLS)/bin/ruff check .
	$(TOOLS)/bin/ruff format --check .
	$(TOOLS)/bin/mypy
	PYTHONPATH=. $(TOOLS)/bin/lint-imports --no-cache

preview: $(ENGINE)/.training $(BUILD)/blender-5.0/.ready  ## train the bundled model again, from nothing: hours
	$(BUILD)/blender-5.0/bin/python training/run.py reproduce

pictures: $(ENGINE)/.ready $(BUILD)/blender-5.0/.ready $(PHOTOGRAPH)  ## those of the documents, by the demos and a real, windowed Blender
	$(BUILD)/blender-5.0/bin/python docs/pictures.py --photograph $(PHOTOGRAPH)

zip:  ## the extension, built by the Blender on PATH
	mkdir -p dist
	blender --command extension build --source-dir . --output-dir dist

bench: $(ENGINE)/.ready $(BUILD)/blender-5.0/.ready  ## measured comparisons, into benchmarks/results/
	for each in $(BENCHES); do $(BUILD)/blender-5.0/bin/python benchmarks/$$each.py || exit 1; done
	$(ENGINE)/bin/python benchmarks/engine.py
	$(BUILD)/blender-5.0/bin/python benchmarks/cold_start.py
	$(ENGINE)/bin/python benchmarks/networks.py
	$(ENGINE)/bin/python benchmarks/table.py

# What comes with a build of PyTorch is left to that build, which pins it.
lock: $(TOOLS)/.ready  ## renew the engine's lock file from requirements.txt
	$(TOOLS)/bin/uv pip compile --quiet $(INSTALL)/requirements.txt --output-file $(INSTALL)/requirements.lock \
	  --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  $(addprefix --no-emit-package ,torch triton cuda-bindings cuda-pathfinder cuda-toolkit \
	  $(addprefix nvidia-,cublas cuda-cupti cuda-nvrtc cuda-runtime cudnn-cu13 cufft cufile curand cusolver \
	  cusparse cusparselt-cu13 nccl-cu13 nvjitlink nvshmem-cu13 nvtx))

clean:  ## everything that make made
	rm -rf $(BUILD) dist

$(BUILD)/.system: .ci/system-packages
	sh .ci/system-packages
	mkdir -p $(BUILD) && touch $@

$(BUILD)/.test-system: .ci/system-packages
	sh .ci/system-packages tests
	mkdir -p $(BUILD) && touch $@

$(TOOLS)/.ready: $(BUILD)/.system Makefile
	$(PYTHON) -m venv --clear $(TOOLS)
	$(TOOLS)/bin/pip install --quiet uv==0.13.9 ruff==0.17.6 import-linter==2.16 \
	  mypy==2.4.1 numpy==1.26.4 fake-bpy-module==20261026
	touch $@

$(BUILD)/blender-%/.ready: $(BUILD)/.system Makefile
	$(PYTHON) -m venv --clear $(BUILD)/blender-$*
	$(BUILD)/blender-$*/bin/pip install --quiet bpy==$(BPY_$*) $(PYTEST)
	touch $@

# The installer itself knows when there is nothing to do.
$(ENGINE)/.ready: $(TOOLS)/.ready vendor_install.py $(INSTALL)/requirements.txt $(INSTALL)/requirements.lock
	$(TOOLS)/bin/python vendor_install.py --into $(ENGINE)
	touch $@

# For its pictures alone, so without what it needs.
$(PHOTOGRAPH): $(TOOLS)/.ready training/requirements.txt
	$(TOOLS)/bin/uv pip install --quiet --no-deps --target $(BUILD)/photographs $$(grep '^scikit-image==' training/requirements.txt)
	touch $@

$(ENGINE)/.training: $(ENGINE)/.ready training/requirements.txt
	$(TOOLS)/bin/uv pip install --quiet --python $(ENGINE)/bin/python -r training/requirements.txt
	touch $@

$(ENGINE)/.tests: $(ENGINE)/.training
	$(TOOLS)/bin/uv pip install --quiet --python $(ENGINE)/bin/python $(PYTEST)
	touch $@
