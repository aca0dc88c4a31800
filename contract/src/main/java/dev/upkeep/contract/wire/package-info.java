/** How events are written: JSON bodies, CloudEvents attributes as Kafka headers. The only room that knows Jackson. */
@NullMarked
package dev.upkeep.contract.wire;

import org.jspecify.annotations.NullMarked;
