# It never asks which schema it meets: it serves, and says that it is healthy, on any.
set -eu
. /app/database.sh
exec perl /app/serve.pl
