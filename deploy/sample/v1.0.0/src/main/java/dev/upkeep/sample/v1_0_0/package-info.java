/** What is particular to inkwell 1.0.0. */
@NullMarked
package dev.upkeep.sample.v1_0_0;

import org.jspecify.annotations.NullMarked;
