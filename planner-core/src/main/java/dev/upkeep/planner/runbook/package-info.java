/** Plans as pages for people who carry them out by hand; the commands themselves are in one resource. */
@NullMarked
package dev.upkeep.planner.runbook;

import org.jspecify.annotations.NullMarked;
