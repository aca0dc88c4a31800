/** Kafka in: bakes asked for, observations others made. */
@NullMarked
package dev.upkeep.verifier.stream;

import org.jspecify.annotations.NullMarked;
