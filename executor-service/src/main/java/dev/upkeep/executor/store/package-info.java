/** PostgreSQL adapters of the executor's ports. */
@NullMarked
package dev.upkeep.executor.store;

import org.jspecify.annotations.NullMarked;
