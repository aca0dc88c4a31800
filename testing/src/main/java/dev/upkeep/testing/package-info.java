/** One real PostgreSQL and one real Kafka for a module's tests: embedded, or in containers. */
@NullMarked
package dev.upkeep.testing;

import org.jspecify.annotations.NullMarked;
