/** Load, decide, save and enqueue, in one transaction and for a whole batch at a time. */
@NullMarked
package dev.upkeep.planner.desk;

import org.jspecify.annotations.NullMarked;
