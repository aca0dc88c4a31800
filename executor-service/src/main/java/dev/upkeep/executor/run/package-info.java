/** Carries steps out on virtual threads, under leases; blocks, and knows nothing of Mutiny. */
@NullMarked
package dev.upkeep.executor.run;

import org.jspecify.annotations.NullMarked;
