/** Services of a Docker Compose project. */
@NullMarked
package dev.upkeep.executor.driver.compose;

import org.jspecify.annotations.NullMarked;
