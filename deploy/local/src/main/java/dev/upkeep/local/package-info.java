/** The suite on one machine: real PostgreSQL, real Kafka and the four services as child processes. */
@NullMarked
package dev.upkeep.local;

import org.jspecify.annotations.NullMarked;
