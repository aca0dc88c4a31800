set -eu
if [ "$BROKEN" = hangs ]; then
    trap 'exit 0' TERM
    while :; do sleep 1 & wait $!; done
fi
. /app/database.sh
# Who looks later knows which version met which schema.
[ ! -d /starts ] || echo "$VERSION $(sql -At -c 'select name from migration order by name' 2>/dev/null | tr '\n' ' ')" >>/starts/met
sh /app/migrate.sh
exec perl /app/serve.pl
