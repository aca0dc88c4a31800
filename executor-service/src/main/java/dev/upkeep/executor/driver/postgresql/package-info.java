/**
 * Backs PostgreSQL databases up, proves the backups, captures what is written after them, and restores them.
 *
 * <p>Start reading at {@link dev.upkeep.executor.driver.postgresql.PostgresqlDriver}.
 */
@NullMarked
package dev.upkeep.executor.driver.postgresql;

import org.jspecify.annotations.NullMarked;
