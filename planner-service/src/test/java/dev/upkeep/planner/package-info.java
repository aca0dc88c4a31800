/** The planner as a whole, on a real PostgreSQL and a real Kafka. */
@NullMarked
package dev.upkeep.planner;

import org.jspecify.annotations.NullMarked;
