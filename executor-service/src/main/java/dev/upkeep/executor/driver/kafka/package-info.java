/** A tenant's Kafka: its topics copied, its consumers waited for; nothing in it is changed. */
@NullMarked
package dev.upkeep.executor.driver.kafka;

import org.jspecify.annotations.NullMarked;
