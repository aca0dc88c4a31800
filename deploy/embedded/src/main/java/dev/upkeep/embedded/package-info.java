/** The real parts that run embedded on 127.0.0.1: PostgreSQL 15 and Kafka 4.2, each a child process. */
@NullMarked
package dev.upkeep.embedded;

import org.jspecify.annotations.NullMarked;
