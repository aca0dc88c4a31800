/** Carries steps out; decides nothing. */
@NullMarked
package dev.upkeep.executor;

import org.jspecify.annotations.NullMarked;
