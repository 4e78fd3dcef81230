# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Common ground of the lab's scripts: messages, folders, locks, ports, processes.
# Sourced by lab/lab. Sets: LAB (run state), CACHE (what is worth keeping), and the functions below.

# Raise it when the layout of the cache changes: older caches are then left alone and rebuilt beside.
readonly LAB_FORMAT=1
# shellcheck disable=SC2034 # used in lab/lab
readonly EXIT_USAGE=2
# The Python package index can't be reached, so there is no NetBox: test runners count this as skipped.
# shellcheck disable=SC2034 # used in netbox.sh
readonly EXIT_NO_INDEX=77

say() { printf 'lab: %s\n' "$*" >&2; }
die() {
  printf 'lab: %s\n' "$*" >&2
  exit 1
}

LAB=${ZYNC_LAB_DIR:-$ROOT/build/lab}
[[ $LAB == /* ]] || LAB=$PWD/$LAB
CACHE=${ZYNC_LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/zync-lab}
[[ $CACHE == /* ]] || CACHE=$PWD/$CACHE
CACHE=$CACHE/v$LAB_FORMAT

# Makes the run folder. A folder that holds something else is refused, because `lab clean` removes it whole.
lab_dir_make() {
  if [[ -d $LAB && ! -e $LAB/.zync-lab && -n $(ls -A "$LAB") ]]; then
    die "$LAB is not empty and no lab folder: set ZYNC_LAB_DIR to another one"
  fi
  mkdir -p "$LAB" || die "can't make the folder $LAB"
  : >>"$LAB/.zync-lab"
}

# One command at a time changes a lab. Daemons must not inherit the descriptors 8 and 9, or the locks outlive us.
lab_lock() {
  lab_dir_make
  exec 9>>"$LAB/lock"
  if ! flock -n 9; then
    say "another lab command works on $LAB, waiting for it"
    flock 9
  fi
}

# Runs a function that fills one unit of the cache, once: cache_unit NAME FUNCTION [ARGUMENT…].
# FUNCTION gets a temporary folder as its first argument; the folder gets its name only when the function succeeded,
# so that a broken build never counts. The answer is the exit code of FUNCTION, or 0 when the unit is there already.
cache_unit() {
  local name=$1 function=$2 temp status
  shift 2
  [[ -d $CACHE/$name ]] && return 0
  mkdir -p "$CACHE" || die "can't make the cache folder $CACHE"
  chmod 0700 "$CACHE"
  exec 8>>"$CACHE/$name.lock"
  flock 8
  if [[ -d $CACHE/$name ]]; then
    exec 8>&-
    return 0
  fi
  rm -rf "$CACHE/.$name".??????
  temp=$(mktemp -d "$CACHE/.$name.XXXXXX")
  # In a subshell, so that a `die` inside still comes back here and the temporary folder goes away.
  ("$function" "$temp" "$@")
  status=$?
  if ((status == 0)); then
    mv -T "$temp" "$CACHE/$name"
  else
    rm -rf "$temp"
  fi
  exec 8>&-
  return "$status"
}

# need_programs PROGRAM…: one message for all that are missing.
need_programs() {
  local program missing=()
  for program in "$@"; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  ((${#missing[@]} == 0)) ||
    die "missing programs: ${missing[*]} (install the packages of scripts/packages/lab.txt: scripts/setup does)"
}

# --- ports ---------------------------------------------------------------------------------------------------------

port_is_free() {
  python3 -c 'import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    s.bind(("127.0.0.1", int(sys.argv[1])))
except OSError:
    sys.exit(1)' "$1"
}

# Prints the port of NAME: the one it had before as long as nobody else took it, else a new one. Ports lie below the
# range that the kernel gives to clients: a server that was killed finds its port free when it comes back.
port_of() {
  local name=$1 port file=$LAB/$1/port try
  mkdir -p "$LAB/$name"
  if [[ -s $file ]]; then
    port=$(<"$file")
    if port_is_free "$port"; then
      echo "$port"
      return 0
    fi
  fi
  for ((try = 0; try < 200; try++)); do
    port=$((20000 + RANDOM % 12000))
    if port_is_free "$port"; then
      echo "$port" >"$file"
      echo "$port"
      return 0
    fi
  done
  die "found no free port between 20000 and 32000 on 127.0.0.1"
}

# --- processes -----------------------------------------------------------------------------------------------------

# Start time of a process in clock ticks since boot: with the pid it names one process for ever. Fields are counted
# behind the closing bracket of the program's name, which may hold spaces.
process_birth() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  [[ $1 != Z ]] || return 1
  echo "${20}"
}

# daemon_start NAME COMMAND…: runs COMMAND as leader of its own session and process group; its output goes to
# NAME/NAME.log in the lab. The pid file holds "PID BIRTH".
daemon_start() {
  local name=$1 dir=$LAB/$1 pid
  shift
  mkdir -p "$dir"
  # setsid forks only for a process group leader, which a background job of a script is not: the pid stays.
  (
    cd "$dir" || exit 1
    exec setsid "$@" </dev/null >>"$dir/$name.log" 2>&1 8>&- 9>&-
  ) &
  pid=$!
  disown "$pid" # or the shell would report its end
  echo "$pid $(process_birth "$pid")" >"$dir/pid"
}

# Prints the pid when the daemon runs.
daemon_pid() {
  local pid birth
  [[ -s $LAB/$1/pid ]] || return 1
  read -r pid birth <"$LAB/$1/pid"
  [[ -n $birth && $(process_birth "$pid") == "$birth" ]] || return 1
  echo "$pid"
}

group_is_alive() { kill -0 -- "-$1" 2>/dev/null; }

# daemon_stop NAME [SIGNAL]: ends the whole process group; waits up to 15 s for it, then kills it.
daemon_stop() {
  local name=$1 signal=${2:-TERM} pid tick
  if pid=$(daemon_pid "$name"); then
    kill -s "$signal" -- "-$pid" 2>/dev/null
    for ((tick = 0; tick < 150; tick++)); do
      group_is_alive "$pid" || break
      sleep 0.1
    done
    if group_is_alive "$pid"; then
      say "$name (pid $pid) did not end by SIG$signal within 15 s, killing it"
      kill -s KILL -- "-$pid" 2>/dev/null
      for ((tick = 0; tick < 50; tick++)); do
        group_is_alive "$pid" || break
        sleep 0.1
      done
      group_is_alive "$pid" && die "$name (pid $pid) can't be killed"
    fi
  fi
  rm -f "$LAB/$name/pid"
}

# log_tail NAME: the last lines of a daemon's log, for an error message.
log_tail() { tail -n 15 "$LAB/$1/$1.log" 2>/dev/null | sed 's/^/lab:   /' >&2; }

# wait_ready NAME SECONDS COMMAND…: until COMMAND succeeds; ends with an error when the daemon died or the time is over.
wait_ready() {
  local name=$1 limit=$2 end
  shift 2
  end=$((SECONDS + limit))
  until "$@" >/dev/null 2>&1; do
    if ! daemon_pid "$name" >/dev/null; then
      log_tail "$name"
      die "$name ended while starting, see $LAB/$name/$name.log"
    fi
    if ((SECONDS >= end)); then
      log_tail "$name"
      die "$name does not answer after $limit s, see $LAB/$name/$name.log; it said: $("$@" 2>&1 | tail -n 1)"
    fi
    sleep 0.2
  done
}
