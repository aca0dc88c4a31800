/** What the planner keeps in PostgreSQL; rows and SQL stay here. Whole batches are one statement. */
@NullMarked
package dev.upkeep.planner.store;

import org.jspecify.annotations.NullMarked;
