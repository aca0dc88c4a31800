/** What makes the log's heads hard to lose: files outside the database that are only ever added to. */
@NullMarked
package dev.upkeep.planner.audit;

import org.jspecify.annotations.NullMarked;
