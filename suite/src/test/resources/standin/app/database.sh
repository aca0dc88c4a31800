# The database: as Upkeep tells it of a copy to rehearse on, or as the deployment tells it.
if [ -n "${UPKEEP_DATABASE_URL:-}" ]; then
    database=${UPKEEP_DATABASE_URL#jdbc:}
    export PGUSER="$UPKEEP_DATABASE_USER" PGPASSWORD="$UPKEEP_DATABASE_PASSWORD"
else
    database=$DATABASE_URL
    export PGUSER="$DATABASE_USER" PGPASSWORD="$DATABASE_PASSWORD"
fi
export PGOPTIONS="-c client_min_messages=warning -c lock_timeout=2s ${DATABASE_OPTIONS:-}" PGCONNECT_TIMEOUT=5 DATABASE="$database"
sql() { psql -X -q -v ON_ERROR_STOP=1 "$database" "$@"; }
