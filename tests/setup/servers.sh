# Sourced by tests/run: this run's own PostgreSQL and NATS server on free loopback ports, in a folder of their own.
# Uses ROOT, LOGS, PG_BIN of the caller; sets RUN_DIR, PG_PID, NATS_PID.

RUN_DIR=
PG_PID=
NATS_PID=

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# initdb and postgres refuse root: then they run as the user that Debian's package made, else as nobody.
# It replaces the (sub)shell it is called in, so that the process id is the server's own.
exec_as_postgres() {
  [ "$(id -u)" != 0 ] && exec "$@"
  exec setpriv --reuid "$(postgres_user)" --regid "$(id -g "$(postgres_user)")" --clear-groups "$@"
}

postgres_user() {
  if id -u postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

make_run_dir() {
  [ -n "$RUN_DIR" ] && return 0
  RUN_DIR=$(mktemp -d "${TMPDIR:-/tmp}/motcua-tests.XXXXXX") && chmod 755 "$RUN_DIR"
}

# start_postgres: exports MOTCUA_TEST_PG, the superuser's URL of the maintenance database.
start_postgres() {
  local data port try tick
  make_run_dir || return 1
  data=$RUN_DIR/pg
  mkdir -p "$data"
  [ "$(id -u)" = 0 ] && chown "$(postgres_user)" "$data"
  (cd "$data" && exec_as_postgres "$PG_BIN/initdb" -D "$data/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8) \
    >"$LOGS/initdb.log" 2>&1 || { tail -n 15 "$LOGS/initdb.log" >&2; return 1; }
  for try in 1 2 3; do
    port=$(free_port)
    (cd "$data" && exec_as_postgres "$PG_BIN/postgres" -D "$data/data" -p "$port" -k "$data" \
      -c listen_addresses=127.0.0.1 -c max_connections=300 -c shared_buffers=128MB) >"$LOGS/postgres.log" 2>&1 &
    PG_PID=$!
    for tick in $(seq 150); do
      kill -0 "$PG_PID" 2>/dev/null || break
      if "$PG_BIN/pg_isready" -q -h 127.0.0.1 -p "$port"; then
        export MOTCUA_TEST_PG="postgres://postgres@127.0.0.1:$port/postgres"
        "$PG_BIN/psql" -q -v ON_ERROR_STOP=1 -f "$ROOT/deploy/postgres/roles.sql" "$MOTCUA_TEST_PG" >"$LOGS/roles.log" 2>&1 \
          || { tail -n 15 "$LOGS/roles.log" >&2; return 1; }
        return 0
      fi
      sleep 0.2
    done
    kill -QUIT "$PG_PID" 2>/dev/null
    wait "$PG_PID" 2>/dev/null
  done
  PG_PID=
  echo "PostgreSQL did not start:" >&2
  tail -n 15 "$LOGS/postgres.log" >&2
  return 1
}

# start_nats: exports MOTCUA_TEST_NATS, and MOTCUA_TEST_NATS_SERVER for the tests that break one of their own.
start_nats() {
  local tick url
  make_run_dir || return 1
  mkdir -p "$RUN_DIR/nats"
  MOTCUA_TEST_NATS_SERVER=$(command -v nats-server) || return 1
  export MOTCUA_TEST_NATS_SERVER
  MOTCUA_NATS_STORE="$RUN_DIR/nats" "$MOTCUA_TEST_NATS_SERVER" -c "$ROOT/deploy/nats/nats.conf" -a 127.0.0.1 -p -1 \
    --ports_file_dir "$RUN_DIR/nats" >"$LOGS/nats.log" 2>&1 &
  NATS_PID=$!
  for tick in $(seq 100); do
    kill -0 "$NATS_PID" 2>/dev/null || break
    url=$(grep -ohE 'nats://127\.0\.0\.1:[0-9]+' "$RUN_DIR"/nats/*.ports 2>/dev/null | head -n 1)
    if [ -n "$url" ]; then
      export MOTCUA_TEST_NATS=$url
      return 0
    fi
    sleep 0.1
  done
  echo "nats-server did not start:" >&2
  tail -n 15 "$LOGS/nats.log" >&2
  return 1
}

# Only what this run started, by its process id. PostgreSQL leaves without a last checkpoint: its data goes anyway.
stop_servers() {
  local pid
  [ -n "$PG_PID" ] && kill -QUIT "$PG_PID" 2>/dev/null
  [ -n "$NATS_PID" ] && kill -TERM "$NATS_PID" 2>/dev/null
  for pid in $PG_PID $NATS_PID; do
    wait "$pid" 2>/dev/null
  done
  PG_PID=
  NATS_PID=
  [ -n "$RUN_DIR" ] && rm -rf "$RUN_DIR"
  RUN_DIR=
}
