/** Changes of schema: by Flyway with the migrations in a release's artifact, or by a command. */
@NullMarked
package dev.upkeep.executor.driver.migrate;

import org.jspecify.annotations.NullMarked;
