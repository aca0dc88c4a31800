/** Kafka in. */
@NullMarked
package dev.upkeep.executor.stream;

import org.jspecify.annotations.NullMarked;
