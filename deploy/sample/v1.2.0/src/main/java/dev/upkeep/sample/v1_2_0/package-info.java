/** What is particular to inkwell 1.2.0. */
@NullMarked
package dev.upkeep.sample.v1_2_0;

import org.jspecify.annotations.NullMarked;
