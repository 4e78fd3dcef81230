# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Real Zabbix web interfaces (the API; no zabbix_server process is needed for configuration calls), several versions
# side by side: the PHP files and the SQL schema of Debian's packages in a folder each, behind PHP's own web server.
#
# One unit of the cache a version and PostgreSQL version: web/ (the files), dump (the database with the default data
# and one token), token, version.

readonly ZABBIX_USER=Admin
readonly ZABBIX_PASSWORD=zabbix # of the default data

# The Debian suite that has the version; 7.0 differs by the machine's own release, because it must suit its PHP.
zabbix_suite() {
  case $1 in
    zabbix60) echo bookworm ;;
    zabbix70)
      if [[ $(debian_codename) == bookworm ]]; then
        echo bookworm-backports
      else
        echo trixie
      fi
      ;;
  esac
}

zabbix_need() {
  local module missing=() have
  need_programs php python3 gzip flock setsid
  have=$(php -m | tr '[:upper:]' '[:lower:]')
  for module in bcmath ctype curl gd gettext ldap mbstring pgsql session simplexml sockets xmlreader xmlwriter; do
    grep -qx "$module" <<<"$have" || missing+=("$module")
  done
  ((${#missing[@]} == 0)) ||
    die "PHP lacks ${missing[*]} (install the packages of scripts/packages/lab.txt: scripts/setup does)"
}

zabbix_unit() { echo "$1-pg$PG_MAJOR"; }

# zabbix_serve NAME WEB DATABASE PORT: starts the web server and waits for the API.
zabbix_serve() {
  local name=$1 web=$2 database=$3 port=$4
  mkdir -p "$LAB/$name/tmp"
  # PHP's web server answers requests that are under way in this many processes. Files never change: no time stamp
  # checks. error_reporting is all but deprecations, which would bury the rest of the log.
  daemon_start "$name" env PHP_CLI_SERVER_WORKERS=4 ZYNC_LAB_PG="$PG_HOME" ZYNC_LAB_PG_USER="$PG_USER" \
    ZYNC_LAB_DATABASE="$database" TMPDIR="$LAB/$name/tmp" \
    php -d variables_order=EGPCS -d memory_limit=1G -d post_max_size=64M -d max_execution_time=600 \
    -d max_input_time=600 -d max_input_vars=10000 -d date.timezone=UTC -d display_errors=0 -d log_errors=1 -d error_reporting=22527 \
    -d "session.save_path=$LAB/$name/tmp" -d opcache.enable=1 -d opcache.memory_consumption=192 \
    -d opcache.max_accelerated_files=20000 -d opcache.validate_timestamps=0 \
    -S "127.0.0.1:$port" -t "$web"
  wait_ready "$name" 60 python3 "$ROOT/lab/probe.py" zabbix-version "http://127.0.0.1:$port"
}

# Fills the cache unit (see cache_unit).
zabbix_build() {
  local temp=$1 name=$2 sql port started=$SECONDS suite
  suite=$(zabbix_suite "$name")
  say "building $name from Debian's suite $suite, this takes about half a minute"
  apt_unpack "$suite" "$temp/deb" zabbix-frontend-php zabbix-server-pgsql
  mv "$temp/deb/usr/share/zabbix" "$temp/web" || die "$name: the package has no usr/share/zabbix"

  # Debian's packages have the place of the configuration fixed in the code: point the copy at its own file.
  local class=$temp/web/include/classes/core/CConfigFile.php
  sed -i "s|const CONFIG_FILE_PATH = '[^']*';|const CONFIG_FILE_PATH = __DIR__.'/../../../conf/lab.conf.php';|" "$class"
  grep -q "__DIR__.'/../../../conf/lab.conf.php'" "$class" || die "$name: CONFIG_FILE_PATH is not where it was"
  cp "$ROOT/lab/zabbix.conf.php" "$temp/web/conf/lab.conf.php" || die "$name: can't write its configuration"

  pg_drop "${name}_build"
  pg_sql "CREATE DATABASE ${name}_build TEMPLATE template0 ENCODING 'UTF8'"
  for sql in schema images data; do
    gzip -dc "$temp/deb/usr/share/zabbix-server-pgsql/$sql.sql.gz" |
      pg_client psql -qX -v ON_ERROR_STOP=1 -d "${name}_build" >/dev/null || die "$name: can't load $sql.sql"
  done
  rm -rf "$temp/deb/usr"
  mv "$temp/deb/packages" "$temp/packages"
  rmdir "$temp/deb" 2>/dev/null || rm -rf "$temp/deb"

  # Under another name than the server's own: what an interrupted build leaves behind must not pass for the server.
  daemon_stop "$name-build"
  port=$(port_of "$name-build") || exit
  zabbix_serve "$name-build" "$temp/web" "${name}_build" "$port"
  (umask 077 && python3 "$ROOT/lab/probe.py" zabbix-token "http://127.0.0.1:$port" "$ZABBIX_USER" "$ZABBIX_PASSWORD" \
    >"$temp/token") || die "$name: can't make a token"
  python3 "$ROOT/lab/probe.py" zabbix-version "http://127.0.0.1:$port" >"$temp/version" || die "$name: has no version"
  daemon_stop "$name-build"
  rm -rf "${LAB:?}/$name-build"
  pg_dump_to "${name}_build" "$temp/dump"
  pg_drop "${name}_build"
  say "built $name $(<"$temp/version") in $((SECONDS - started)) s"
}

# Leaves NAME_pristine and NAME in the cluster.
zabbix_databases() {
  local name=$1
  pg_has_database "${name}_pristine" || pg_restore_from "$CACHE/$(zabbix_unit "$name")/dump" "${name}_pristine"
  pg_has_database "$name" || pg_copy "${name}_pristine" "$name"
}

zabbix_start() {
  local name=$1 port unit
  zabbix_need
  pg_start
  unit=$CACHE/$(zabbix_unit "$name")
  if ! daemon_pid "$name" >/dev/null; then
    cache_unit "$(zabbix_unit "$name")" zabbix_build "$name" || die "$name could not be built"
    # The token belongs to the database: a cache that was built anew has another one.
    cmp -s "$unit/token" "$LAB/$name/token" || zabbix_forget "$name"
    zabbix_databases "$name"
    (umask 077 && cp "$unit/token" "$LAB/$name/token") || die "$name: can't write its token"
    port=$(port_of "$name") || exit
    zabbix_serve "$name" "$unit/web" "$name" "$port"
  fi
  wait_ready "$name" 30 python3 "$ROOT/lab/probe.py" zabbix-auth "$(zabbix_url "$name")" "$(<"$LAB/$name/token")"
}

zabbix_forget() {
  mkdir -p "$LAB/$1"
  pg_drop "$1"
  pg_drop "$1_pristine"
}

zabbix_url() { echo "http://127.0.0.1:$(<"$LAB/$1/port")"; }

zabbix_reset() {
  local name=$1
  pg_start
  [[ -s $LAB/$name/token ]] || die "$name was never started here"
  zabbix_databases "$name"
  pg_copy "${name}_pristine" "$name"
}

zabbix_env() {
  local name=$1 prefix=ZYNC_LAB_${1^^}
  printf "export %s_URL='%s' %s_TOKEN='%s' %s_USER='%s' %s_PASSWORD='%s'\n" "$prefix" "$(zabbix_url "$name")" \
    "$prefix" "$(<"$LAB/$name/token")" "$prefix" "$ZABBIX_USER" "$prefix" "$ZABBIX_PASSWORD"
}
