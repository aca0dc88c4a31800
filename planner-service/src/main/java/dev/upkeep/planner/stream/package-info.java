/** Kafka in: one method a topic. */
@NullMarked
package dev.upkeep.planner.stream;

import org.jspecify.annotations.NullMarked;
