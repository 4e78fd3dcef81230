# shellcheck shell=bash
# A Python that NetBox 4.7 runs on: 3.12 to 3.14, with virtual environments and the headers to compile an extension.

python_suits() {
  "$1" -c '
import os, ssl, sys, sysconfig, venv
suits = (3, 12) <= sys.version_info[:2] <= (3, 14)
headers = os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h"))
sys.exit(0 if suits and headers else 1)' >/dev/null 2>&1
}

# Prints the path of a fitting Python.
python_find() {
  local candidate
  for candidate in python3.13 python3.12 python3.14 python3 "${HOME:-/nonexistent}"/.pyenv/versions/3.1[234].*/bin/python3; do
    if python_suits "$candidate"; then
      "$candidate" -c 'import sys; print(sys._base_executable)'
      return 0
    fi
  done
  die "no Python 3.12 to 3.14"
}

# python_venv PYTHON FOLDER
python_venv() { "$1" -m venv "$2" >&2 || die "$1 can't make a virtual environment"; }
