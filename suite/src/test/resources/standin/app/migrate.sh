set -eu
. /app/database.sh
sql -c 'create table if not exists migration (name text primary key)'
for file in /app/migrations/*.sql; do
    name=$(basename "$file" .sql)
    if [ "$(sql -At -c "select count(*) from migration where name = '$name'")" = 1 ]; then
        echo "migration $name skipped"
        continue
    fi
    began=$(date +%s%N)
    if ! reason=$(sql --single-transaction -f "$file" -c "insert into migration values ('$name')" 2>&1); then
        echo "migration $name failed: $(echo "$reason" | head -n 1)"
        exit 1
    fi
    echo "migration $name ran in $((($(date +%s%N) - began) / 1000000)) ms"
done
