/** A package that says what may be null. */
@NullMarked
package dev.upkeep.planted.everypackageisnullmarked.planner.core;

import org.jspecify.annotations.NullMarked;
