# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Debian packages of any suite, unpacked into a folder; nothing is installed and /etc/apt is only read.
# The archive's address is the machine's own: the first one of its apt sources; only the suite is changed.

debian_codename() {
  # shellcheck disable=SC1091
  (. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

# Prints "URI<TAB>KEYRING" of the first source of the machine's apt configuration (both file formats).
apt_first_source() {
  local file
  for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/*.sources /etc/apt/sources.list \
    /etc/apt/sources.list.d/*.list; do
    [[ -f $file ]] || continue
    awk '
      FILENAME ~ /\.sources$/ {
        if ($1 == "URIs:") uri = $2
        if ($1 == "Signed-By:") key = $2
        if (NF == 0 && uri != "") exit
        next
      }
      $1 == "deb" {
        line = $0
        if (match(line, /signed-by=[^] ]+/)) key = substr(line, RSTART + 10, RLENGTH - 10)
        sub(/\[[^]]*\]/, "", line)
        split(line, word, " ")
        uri = word[2]
        exit
      }
      END { if (uri != "") print uri "\t" key }
    ' "$file" | grep . && return 0
  done
  return 1
}

# apt_private SUITE ARGUMENT…: apt-get that knows nothing but the main part of SUITE, with all its state in the cache.
apt_private() {
  local dir=$CACHE/apt-$1
  shift
  apt-get -qq -o "Dir::State=$dir" -o "Dir::State::lists=$dir/lists" -o "Dir::State::status=$dir/status" \
    -o "Dir::Cache=$dir" -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$dir/sources" \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User=root \
    -o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
}

# apt_unpack SUITE FOLDER PACKAGE…: downloads the packages of SUITE and unpacks them into FOLDER.
# Writes "PACKAGE VERSION" lines to FOLDER/packages.
apt_unpack() {
  local suite=$1 folder=$2 dir=$CACHE/apt-$1 source uri key deb
  shift 2
  need_programs apt-get dpkg
  source=$(apt_first_source) || die "found no package source in /etc/apt: is this a Debian machine?"
  IFS=$'\t' read -r uri key <<<"$source"
  mkdir -p "$dir/lists/partial" "$dir/archives/partial" "$dir/sources" "$folder"
  : >>"$dir/status"
  key=${key:-/usr/share/keyrings/debian-archive-keyring.gpg}
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$uri" "$suite" "$key" \
    >"$dir/sources/lab.sources"
  apt_private "$suite" update >"$dir/log" 2>&1 ||
    die "can't read the package list of Debian's suite $suite: $(grep -m 1 '^[EW]:' "$dir/log")"
  rm -rf "$dir/debs"
  mkdir "$dir/debs"
  (cd "$dir/debs" && apt_private "$suite" download "$@" >>"$dir/log" 2>&1) ||
    die "can't download $* of Debian's suite $suite: $(grep -m 1 '^E:' "$dir/log")"
  for deb in "$dir"/debs/*.deb; do
    dpkg -x "$deb" "$folder"
    # shellcheck disable=SC2016 # the variables are dpkg's own
    dpkg-deb -W --showformat '${Package} ${Version}\n' "$deb" >>"$folder/packages"
  done
  rm -rf "$dir/debs"
}
