# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The lab's private PostgreSQL cluster: one for all servers, reachable only through a unix socket in its own folder.
# It never syncs to disk: fast, and worthless after a power cut (`lab clean` and start again).
#
# Databases: NAME is in use by a server, NAME_pristine and NAME_filled are templates to go back to.

readonly PG_USER=lab

pg_setup() {
  [[ -z ${PG_BIN:-} ]] || return 0
  local dir major best=0
  for dir in /usr/lib/postgresql/*/bin; do
    major=${dir#/usr/lib/postgresql/}
    major=${major%/bin}
    if [[ -x $dir/postgres && $major =~ ^[0-9]+$ ]] && ((major > best)); then
      best=$major
      PG_BIN=$dir
    fi
  done
  ((best >= 15)) || die "needs PostgreSQL 15 or newer (install the packages of scripts/packages/lab.txt: scripts/setup does)"
  PG_MAJOR=$best
  need_programs setpriv sha256sum
  # PostgreSQL refuses to run as root.
  PG_AS=()
  PG_OWNER=$(id -un)
  if ((EUID == 0)); then
    PG_OWNER=postgres
    getent passwd postgres >/dev/null || PG_OWNER=nobody
    PG_AS=(setpriv "--reuid=$PG_OWNER" "--regid=$(id -g "$PG_OWNER")" --clear-groups)
  fi
  pg_choose_home
}

# The cluster lies in the lab's folder when the database user may get there and the socket's path is short enough
# (the kernel's limit is 107 bytes), else in a folder below /var/tmp whose name derives from the lab's.
pg_choose_home() {
  PG_HOME=$LAB/postgres
  mkdir -p "$LAB"
  if ((${#PG_HOME} > 80)) || ! "${PG_AS[@]}" test -x "$LAB"; then
    PG_HOME=/var/tmp/zync-lab-$(printf %s "$LAB" | sha256sum | cut -c 1-12)
  fi
}

pg_home_make() {
  if [[ -L $PG_HOME || (-e $PG_HOME && $(stat -c %U "$PG_HOME") != "$PG_OWNER") ]]; then
    die "$PG_HOME exists and does not belong to $PG_OWNER: remove it"
  fi
  [[ -d $PG_HOME ]] || install -d -m 0700 -o "$PG_OWNER" -g "$(id -g "$PG_OWNER")" "$PG_HOME" ||
    die "can't make $PG_HOME for the user $PG_OWNER"
}

# Runs a PostgreSQL program as the cluster's user, without our locks and in a folder that this user may enter.
pg_run() { (cd / && exec "${PG_AS[@]}" env -u PGHOST -u PGPORT -u PGDATA LC_ALL=C.UTF-8 "$@" </dev/null 8>&- 9>&-); }

pg_running() { [[ -d $PG_HOME/data ]] && pg_run "$PG_BIN/pg_ctl" -D "$PG_HOME/data" status >/dev/null 2>&1; }

pg_start() {
  pg_setup
  pg_home_make
  local data=$PG_HOME/data
  if [[ -d $data && $(<"$data/PG_VERSION") != "$PG_MAJOR" ]]; then
    die "$data is of PostgreSQL $(<"$data/PG_VERSION"), the machine has $PG_MAJOR: run \`lab/lab clean\` first"
  fi
  if [[ ! -d $data ]]; then
    rm -rf "$PG_HOME/data.new"
    pg_run "$PG_BIN/initdb" -D "$PG_HOME/data.new" -U "$PG_USER" --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
      --no-sync >"$LAB/initdb.log" 2>&1 || die "initdb failed: $(tail -n 1 "$LAB/initdb.log")"
    cat >>"$PG_HOME/data.new/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$PG_HOME'
unix_socket_permissions = 0700
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
shared_buffers = 256MB
max_connections = 100
jit = off
CONF
    mv -T "$PG_HOME/data.new" "$data"
  fi
  if ! pg_running; then
    pg_run "$PG_BIN/pg_ctl" -D "$data" -l "$PG_HOME/postgres.log" -w -t 60 start >/dev/null 2>&1 ||
      die "PostgreSQL does not start, see $PG_HOME/postgres.log: $(tail -n 1 "$PG_HOME/postgres.log")"
  fi
}

pg_stop() {
  pg_setup
  if pg_running; then
    pg_run "$PG_BIN/pg_ctl" -D "$PG_HOME/data" -m fast -w -t 60 stop >/dev/null 2>&1 ||
      die "PostgreSQL does not stop, see $PG_HOME/postgres.log"
  fi
}

pg_remove() {
  pg_setup
  rm -rf "$PG_HOME"
}

# Client programs run as the calling user: only this user and root get through to the socket.
pg_client() {
  local program=$1
  shift
  "$PG_BIN/$program" -h "$PG_HOME" -U "$PG_USER" "$@"
}

pg_sql() {
  PGOPTIONS='-c client_min_messages=error' pg_client psql -qXAt -v ON_ERROR_STOP=1 -d postgres -c "$1" ||
    die "PostgreSQL refused: $1"
}

pg_has_database() { [[ $(pg_sql "SELECT 1 FROM pg_database WHERE datname = '$1'") == 1 ]]; }

pg_drop() { pg_sql "DROP DATABASE IF EXISTS $1 WITH (FORCE)"; }

pg_rename() { pg_sql "ALTER DATABASE $1 RENAME TO $2"; }

# pg_copy FROM TO: replaces TO by a copy of FROM. FROM is closed to clients for the moment that this takes, because
# PostgreSQL copies only a database that nobody uses.
pg_copy() {
  pg_drop "$2"
  pg_sql "ALTER DATABASE $1 ALLOW_CONNECTIONS false"
  pg_sql "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = '$1'" >/dev/null
  local status=0
  (pg_sql "CREATE DATABASE $2 TEMPLATE $1 STRATEGY file_copy") || status=1
  pg_sql "ALTER DATABASE $1 ALLOW_CONNECTIONS true"
  ((status == 0)) || die "can't copy the database $1 to $2"
}

pg_dump_to() { pg_client pg_dump -Fc -Z 1 --no-owner --no-privileges -f "$2" "$1" || die "can't dump the database $1"; }

# pg_restore_from FILE NAME: the database appears under its name only when it is complete.
pg_restore_from() {
  pg_drop "$2_new"
  pg_sql "CREATE DATABASE $2_new TEMPLATE template0 ENCODING 'UTF8'"
  pg_client pg_restore -j 2 --no-owner --exit-on-error -d "$2_new" "$1" || die "can't restore the database $2 from $1"
  pg_client psql -qX -d "$2_new" -c 'ANALYZE' || die "can't analyse the database $2"
  pg_rename "$2_new" "$2"
}
