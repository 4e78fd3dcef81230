# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A real NetBox: its Python package in a virtual environment, gunicorn in front, one background worker (it renders
# config contexts, makes custom fields live and sends webhooks), a private Redis.
#
# Units of the cache: netbox-venv/ (venv/, version), netbox-VERSION-pgN/ (dump of the pristine database, tokens,
# secrets) and netbox-filled-…/ (dump of the filled one).

readonly NETBOX_REQUIREMENT='netbox>=4.7,<4.8'

netbox_need() { need_programs python3 redis-server flock setsid curl; }

netbox_venv_build() {
  local temp=$1 log=$LAB/netbox/install.log started=$SECONDS
  mkdir -p "$LAB/netbox"
  python_venv "$temp/venv"
  # A first small question tells an index out of reach from a package that does not build.
  if ! "$temp/venv/bin/python" -m pip download --quiet --disable-pip-version-check --timeout 20 --retries 2 --no-deps \
    --dest "$temp/probe" "$NETBOX_REQUIREMENT" >"$log" 2>&1; then
    say "NetBox can't be installed: the Python package index is out of reach ($(grep -m 1 'ERROR' "$log"))"
    exit "$EXIT_NO_INDEX"
  fi
  rm -rf "$temp/probe"
  say "installing NetBox's Python package, this takes about half a minute"
  if ! CFLAGS=$(python_cflags) "$temp/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$NETBOX_REQUIREMENT" gunicorn \
    >"$log" 2>&1; then
    tail -n 15 "$log" | sed 's/^/lab:   /' >&2
    die "pip can't install $NETBOX_REQUIREMENT, see $log"
  fi
  "$temp/venv/bin/python" -m netbox version >"$temp/version" 2>>"$log" || die "the installed NetBox does not start, see $log"
  say "installed NetBox $(<"$temp/version") in $((SECONDS - started)) s"
}

# Sets NETBOX_VENV, NETBOX_UNIT, NETBOX_FILLED (names of units).
netbox_units() {
  NETBOX_VENV=$CACHE/netbox-venv/venv
  NETBOX_UNIT=netbox-$(<"$CACHE/netbox-venv/version")-pg$PG_MAJOR
  NETBOX_FILLED=$NETBOX_UNIT-filled-$(cat "$ROOT/lab/fill_netbox.py" "$ROOT/lab/netbox_data.py" | sha256sum | cut -c 1-12)
}

# netbox_env_run SECRETS DATABASE COMMAND…: with the environment that netbox_configuration.py reads.
netbox_env_run() {
  local secrets=$1 database=$2 secret_key pepper
  shift 2
  {
    read -r secret_key
    read -r pepper
  } <"$secrets"
  mkdir -p "$LAB/netbox/root/conf" "$LAB/netbox/tmp"
  cp "$ROOT/lab/netbox_configuration.py" "$LAB/netbox/root/conf/configuration.py"
  : >>"$LAB/netbox/root/conf/__init__.py"
  NETBOX_ROOT="$LAB/netbox/root" TMPDIR="$LAB/netbox/tmp" \
    ZYNC_LAB_PG="$PG_HOME" ZYNC_LAB_PG_USER="$PG_USER" ZYNC_LAB_DATABASE="$database" \
    ZYNC_LAB_REDIS_PORT="$(<"$LAB/redis/port")" ZYNC_LAB_SECRET_KEY="$secret_key" ZYNC_LAB_PEPPER="$pepper" "$@"
}

netbox_build() {
  local temp=$1 log=$LAB/netbox/build.log started=$SECONDS
  say "making NetBox's database, this takes some minutes (NetBox's migrations keep one core busy)"
  (umask 077 && python3 -c 'import secrets; print(secrets.token_urlsafe(48)); print(secrets.token_urlsafe(48))' \
    >"$temp/secrets") || die "can't make secrets"
  pg_drop netbox_build
  pg_sql "CREATE DATABASE netbox_build TEMPLATE template0 ENCODING 'UTF8'"
  netbox_env_run "$temp/secrets" netbox_build "$NETBOX_VENV/bin/python" -m netbox migrate --no-input >"$log" 2>&1 ||
    die "NetBox's migrations failed, see $log: $(tail -n 1 "$log")"
  (umask 077 && netbox_env_run "$temp/secrets" netbox_build "$NETBOX_VENV/bin/python" -m netbox shell --no-imports \
    -c "$(<"$ROOT/lab/netbox_tokens.py")" >"$temp/tokens" 2>>"$log") || die "can't make NetBox tokens, see $log"
  if ! grep -q '^v1 ' "$temp/tokens" || ! grep -q '^v2 nbt_' "$temp/tokens"; then
    die "can't make NetBox tokens, see $log"
  fi
  pg_dump_to netbox_build "$temp/dump"
  pg_drop netbox_build
  say "made NetBox's database in $((SECONDS - started)) s"
}

redis_start() {
  local port
  daemon_pid redis >/dev/null && return 0
  port=$(port_of redis) || exit
  daemon_start redis redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --daemonize no
  wait_ready redis 20 redis_ping
}

# Redis's protocol by bash itself: redis-cli is another package.
redis_command() {
  local reply
  exec 7<>"/dev/tcp/127.0.0.1/$(<"$LAB/redis/port")" || return 1
  printf '%s\r\n' "$1" >&7
  read -r -t 10 reply <&7
  exec 7>&-
  [[ $reply == "$2"* ]]
}
redis_ping() { (redis_command PING +PONG) 2>/dev/null; }
redis_flush() { (redis_command FLUSHALL +OK) || die "Redis refused FLUSHALL"; }

netbox_worker_start() {
  daemon_start netbox-worker "$NETBOX_VENV/bin/python" -m netbox rqworker high default low
}

netbox_url() { echo "http://127.0.0.1:$(<"$LAB/netbox/port")"; }
netbox_token() { sed -n "s/^$1 //p" "$LAB/netbox/tokens"; }

# netbox_answers WORKERS
netbox_answers() { python3 "$ROOT/lab/probe.py" netbox-status "$(netbox_url)" "$(netbox_token v2)" "$1"; }

# Leaves netbox_pristine and netbox in the cluster.
netbox_databases() {
  pg_has_database netbox_pristine || pg_restore_from "$CACHE/$NETBOX_UNIT/dump" netbox_pristine
  pg_has_database netbox || pg_copy netbox_pristine netbox
}

# Puts the units in place; exit code 77 when there is no package index. Databases of another NetBox are dropped.
netbox_prepare() {
  netbox_need
  cache_unit netbox-venv netbox_venv_build || return
  pg_start
  redis_start
  netbox_units
  cache_unit "$NETBOX_UNIT" netbox_build || die "NetBox could not be built"
  mkdir -p "$LAB/netbox"
  if ! cmp -s "$CACHE/$NETBOX_UNIT/tokens" "$LAB/netbox/tokens"; then
    pg_drop netbox
    pg_drop netbox_pristine
    pg_drop netbox_filled
    (umask 077 && cp "$CACHE/$NETBOX_UNIT/tokens" "$LAB/netbox/tokens") || die "can't write NetBox's tokens"
  fi
}

netbox_start() {
  local port status
  if ! daemon_pid netbox >/dev/null || ! daemon_pid netbox-worker >/dev/null; then
    netbox_stop
    netbox_prepare
    status=$?
    ((status == 0)) || return "$status"
    netbox_databases
    port=$(port_of netbox) || exit
    netbox_env_run "$CACHE/$NETBOX_UNIT/secrets" netbox daemon_start netbox "$NETBOX_VENV/bin/python" -m gunicorn \
      --config "$ROOT/lab/netbox_gunicorn.py" --bind "127.0.0.1:$port" --no-control-socket netbox.wsgi
    netbox_env_run "$CACHE/$NETBOX_UNIT/secrets" netbox netbox_worker_start
  fi
  wait_ready netbox 120 netbox_answers 0
  wait_ready netbox-worker 60 netbox_answers 1
}

netbox_stop() {
  daemon_stop netbox QUIT # quick; by TERM it waits for kept connections
  daemon_stop netbox-worker KILL
  daemon_stop redis
}

netbox_env() {
  printf "export ZYNC_LAB_NETBOX_URL='%s' ZYNC_LAB_NETBOX_TOKEN='%s' ZYNC_LAB_NETBOX_TOKEN_V1='%s'\n" \
    "$(netbox_url)" "$(netbox_token v2)" "$(netbox_token v1)"
}

# --- filling, and going back ----------------------------------------------------------------------------------------

# The background worker has rendered all config contexts: a copy made now needs no further work.
netbox_settled() {
  local end=$((SECONDS + 120)) sql
  sql='SELECT (SELECT count(*) FROM dcim_device WHERE _config_context_data IS NULL)
    + (SELECT count(*) FROM virtualization_virtualmachine WHERE _config_context_data IS NULL)'
  while [[ $(pg_client psql -qXAt -d netbox -c "$sql") != 0 ]]; do
    ((SECONDS < end)) || die "NetBox's worker did not render all config contexts within 120 s, see $LAB/netbox-worker/"
    sleep 0.5
  done
}

# netbox_fill_part OPTION…: prints the summary.
netbox_fill_part() {
  no_proxy='*' ZYNC_LAB_NETBOX_TOKEN=$(netbox_token v2) python3 "$ROOT/lab/fill_netbox.py" --url "$(netbox_url)" "$@" ||
    die "NetBox was not filled"
}

# Fills the running NetBox through its API. A fill that found nothing and made everything becomes the template that
# `reset netbox-filled` goes back to, and a unit of the cache.
netbox_fill() {
  local structure summary worker
  netbox_prepare || return
  structure=$(netbox_fill_part --structure) || exit
  # NetBox starts a background job for nearly every object that config contexts may belong to. While the worker sleeps
  # they become one job instead of 1600.
  worker=$(daemon_pid netbox-worker) || die "NetBox's background worker does not run: lab/lab start netbox"
  # shellcheck disable=SC2064 # the pid of now
  trap "kill -s CONT $worker 2>/dev/null" EXIT
  kill -s STOP "$worker"
  summary=$(netbox_fill_part) || exit
  kill -s CONT "$worker"
  trap - EXIT
  say "filled NetBox: $(python3 -c 'import json, sys
first, second = map(json.loads, sys.argv[1:])
print("{devices} devices and {virtual_machines} virtual machines, {good_hosts} of them good hosts; ".format(**second)
      + "{} objects and changes made in {:.0f} s".format(first["created_total"] + second["created_total"],
                                                         first["seconds"] + second["seconds"]))' "$structure" "$summary")"
  netbox_settled
  if [[ $structure == *'"existing_total": 0,'* ]]; then
    pg_copy netbox netbox_filled
    echo "$NETBOX_FILLED" >"$LAB/netbox/filled"
    cache_unit "$NETBOX_FILLED" netbox_filled_build || die "the filled NetBox could not be kept in the cache"
  fi
}

netbox_filled_build() { pg_dump_to netbox_filled "$1/dump"; }

# Makes sure of the template netbox_filled, of the present data: from the cluster, the cache, or by filling once.
netbox_filled_prepare() {
  if pg_has_database netbox_filled && [[ $(cat "$LAB/netbox/filled" 2>/dev/null) == "$NETBOX_FILLED" ]]; then
    return 0
  fi
  pg_drop netbox_filled
  if [[ ! -d $CACHE/$NETBOX_FILLED ]]; then
    daemon_pid netbox >/dev/null || die "NetBox was never filled and does not run: lab/lab start netbox first"
    netbox_replace netbox_pristine
    netbox_fill
    return
  fi
  pg_restore_from "$CACHE/$NETBOX_FILLED/dump" netbox_filled
  echo "$NETBOX_FILLED" >"$LAB/netbox/filled"
}

# netbox_replace TEMPLATE: the web server stays and connects anew, caches and jobs are forgotten, the worker restarts.
netbox_replace() {
  local running=0
  daemon_pid netbox-worker >/dev/null && running=1
  daemon_stop netbox-worker KILL
  pg_copy "$1" netbox
  redis_flush
  ((running == 0)) || netbox_env_run "$CACHE/$NETBOX_UNIT/secrets" netbox netbox_worker_start
}

# netbox_reset pristine|filled
netbox_reset() {
  netbox_prepare || return
  netbox_databases
  [[ $1 == pristine ]] || netbox_filled_prepare
  netbox_replace "netbox_$1"
  ! daemon_pid netbox >/dev/null || wait_ready netbox-worker 60 netbox_answers 1
}
