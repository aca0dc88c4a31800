#!/usr/bin/env bash
# Starts PostgreSQL as the official image does: an empty data directory is initialised under a temporary server
# that only listens on its socket, then the real server starts. Both write "database system is ready to accept connections".
set -Eeuo pipefail
shopt -s nullglob

from_file() { # NAME [DEFAULT]: the variable, or what the file that NAME_FILE names holds
    local name=$1 file=$1_FILE
    if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then
        echo >&2 "error: both $name and $file are set; set one of them"
        exit 1
    fi
    [ -z "${!file:-}" ] || export "$name"="$(<"${!file}")"
    export "$name"="${!name:-${2:-}}"
    unset "$file"
}

sql() { psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" "$@"; }

initialise() {
    if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
        echo >&2 'Error: Database is uninitialized and superuser password is not specified.'
        echo >&2 '       Set POSTGRES_PASSWORD to a non-empty value, or POSTGRES_HOST_AUTH_METHOD=trust.'
        exit 1
    fi
    local arguments=(--username="$POSTGRES_USER")
    [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || arguments+=(--waldir="$POSTGRES_INITDB_WALDIR")
    # Word splitting is meant: the variable holds arguments.
    # shellcheck disable=SC2206
    arguments+=(${POSTGRES_INITDB_ARGS:-})
    initdb --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${arguments[@]}"
    printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"

    export PGPASSWORD=$POSTGRES_PASSWORD
    pg_ctl -D "$PGDATA" -w start -o "$(printf '%q ' "${@:2}" -c listen_addresses= -p 5432)"
    [ "$POSTGRES_DB" = postgres ] || sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        echo "$0: running $file"
        case $file in
            *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
            *.sql) sql --dbname "$POSTGRES_DB" -f "$file" ;;
            *.sql.gz) gunzip -c "$file" | sql --dbname "$POSTGRES_DB" ;;
            *.sql.xz) xzcat "$file" | sql --dbname "$POSTGRES_DB" ;;
            *.sql.zst) zstd -dc "$file" | sql --dbname "$POSTGRES_DB" ;;
            *) echo "$0: ignoring $file" ;;
        esac
    done
    pg_ctl -D "$PGDATA" -m fast -w stop
    unset PGPASSWORD
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

[ "${1:0:1}" != - ] || set -- postgres "$@"
if [ "${1:-}" = postgres ]; then
    case " $* " in
        *' --help '* | *' -? '* | *' --version '* | *' -V '* | *' --describe-config '* | *' -C '*) exec "$@" ;;
    esac
    if [ "$(id -u)" = 0 ]; then
        mkdir -p "$PGDATA"
        chmod 00700 "$PGDATA"
        find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
        exec setpriv --reuid=postgres --regid=postgres --init-groups "$BASH_SOURCE" "$@"
    fi
    if [ ! -s "$PGDATA/PG_VERSION" ]; then
        from_file POSTGRES_PASSWORD
        from_file POSTGRES_USER postgres
        from_file POSTGRES_DB "$POSTGRES_USER"
        from_file POSTGRES_INITDB_ARGS
        : "${POSTGRES_HOST_AUTH_METHOD:=}"
        initialise "$@"
    fi
fi
exec "$@"
