/** Measures what a step costs on the real parts, beside a plain loop on the same parts in the same run. */
@NullMarked
package dev.upkeep.bench;

import org.jspecify.annotations.NullMarked;
