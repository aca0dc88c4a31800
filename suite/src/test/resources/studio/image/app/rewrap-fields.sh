set -eu
. /app/database.sh
sql -c "insert into ritual (what) values ('rewrap-fields')"
