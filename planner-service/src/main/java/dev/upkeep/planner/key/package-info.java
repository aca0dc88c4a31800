/** The keys that a planner signs with, each in a file. */
@NullMarked
package dev.upkeep.planner.key;

import org.jspecify.annotations.NullMarked;
