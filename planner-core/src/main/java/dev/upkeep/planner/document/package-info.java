/** Documents as people write them: read, checked as a whole, and turned into what the core decides by. */
@NullMarked
package dev.upkeep.planner.document;

import org.jspecify.annotations.NullMarked;
