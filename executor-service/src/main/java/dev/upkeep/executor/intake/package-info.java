/** REST in, and health. */
@NullMarked
package dev.upkeep.executor.intake;

import org.jspecify.annotations.NullMarked;
