/** What comes in from Kafka. */
@NullMarked
package dev.upkeep.notifier.stream;

import org.jspecify.annotations.NullMarked;
