set -eu
sh /app/migrate.sh
. /app/database.sh
exec perl /app/serve.pl
