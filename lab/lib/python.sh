# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A Python that NetBox 4.7 runs on: 3.12 to 3.14, with virtual environments and the headers to compile an extension.
# Found on the machine, else (Debian 12's own is 3.11) made of Debian 13's packages in the cache: unpacked, and the
# program pointed at Debian 13's own C library, so that nothing of it is installed and no container is needed.

python_suits() {
  "$1" -c '
import ensurepip, os, ssl, sys, sysconfig, venv
suits = (3, 12) <= sys.version_info[:2] <= (3, 14)
headers = os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h"))
sys.exit(0 if suits and headers else 1)' >/dev/null 2>&1
}

# Prints the path of a fitting Python of this machine.
python_find() {
  local candidate
  for candidate in python3.13 python3.12 python3.14 python3 \
    "${HOME:-/nonexistent}"/.pyenv/versions/3.1[234].*/bin/python3; do
    if python_suits "$candidate"; then
      "$candidate" -c 'import sys; print(sys._base_executable)'
      return 0
    fi
  done
  return 1
}

# Fills the cache unit python-trixie: root/ (the unpacked packages), lib (the folder of its C library).
python_build() {
  local root=$1/root program=$1/root/usr/bin/python3.13 loader started=$SECONDS dirs
  need_programs patchelf
  say "unpacking Python 3.13 from Debian's suite trixie, this takes some seconds"
  apt_unpack trixie "$root" libc6 libgcc-s1 python3.13 python3.13-minimal libpython3.13-minimal libpython3.13-stdlib \
    libpython3.13-dev python3-pip-whl libbz2-1.0 libexpat1 libffi8 liblzma5 libncursesw6 libreadline8t64 libsqlite3-0 \
    libssl3t64 libtinfo6 libuuid1 libzstd1 zlib1g
  [[ -x $program ]] || die "Debian's suite trixie has no Python 3.13 any more"
  # The loader's path is a link in an absolute place: look for the file itself.
  loader=$(basename "$(patchelf --print-interpreter "$program")") || die "patchelf can't read $program"
  loader=$(find "$root" -name "$loader" -type f | head -n 1)
  [[ -n $loader ]] || die "the unpacked C library has no loader"
  echo "${loader#"$1"/}" >"$1/loader"
  dirs=$(find "$root" -name '*.so.*' -path '*/lib/*' -not -path '*/python3.13/*' -printf '%h\n' | sort -u | grep -v gconv)
  printf '%s\n' "${dirs//"$1"\//}" >"$1/libraries"
  say "unpacked Python in $((SECONDS - started)) s"
}

# Points the program at its place in the cache: absolute paths, so only after the unit has its name.
python_unpacked() {
  local unit=$CACHE/python-trixie program path=''
  cache_unit python-trixie python_build || die "can't make a Python 3.12 or newer"
  program=$unit/root/usr/bin/python3.13
  if ! python_works "$program"; then
    while read -r dir; do
      path+=${path:+:}$unit/$dir
    done <"$unit/libraries"
    # RPATH rather than RUNPATH: it also counts for the libraries of extension modules.
    if ! cp "$program" "$program.new" ||
      ! patchelf --set-interpreter "$unit/$(<"$unit/loader")" --force-rpath --set-rpath "$path" "$program.new" ||
      ! mv "$program.new" "$program"; then
      die "patchelf can't change $program"
    fi
    python_works "$program" || die "the unpacked Python does not run: $("$program" -c 'import ssl' 2>&1 | tail -n 1)"
  fi
  echo "$program"
}

python_works() { "$1" -c 'import ctypes, lzma, sqlite3, ssl, zlib' >/dev/null 2>&1; }

# python_venv FOLDER: a virtual environment with pip.
python_venv() {
  local python wheel
  if python=$(python_find); then
    "$python" -m venv "$1" >&2 || die "$python can't make a virtual environment"
    return 0
  fi
  python=$(python_unpacked) || exit
  # Debian keeps pip's wheel in a fixed place of the machine, which is not where it was unpacked.
  wheel=$(echo "$CACHE"/python-trixie/root/usr/share/python-wheels/pip-*.whl)
  if ! "$python" -m venv --without-pip "$1" ||
    ! "$1/bin/python" "$wheel/pip" install --quiet --no-index --disable-pip-version-check "$wheel"; then
    die "$python can't make a virtual environment"
  fi
}

# Compiler options for extension modules: Debian's pyconfig.h looks for its other half in the general folder.
python_cflags() {
  [[ ! -d $CACHE/python-trixie ]] || echo "-I$CACHE/python-trixie/root/usr/include"
}
