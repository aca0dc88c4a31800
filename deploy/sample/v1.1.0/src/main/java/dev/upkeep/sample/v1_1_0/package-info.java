/** What is particular to inkwell 1.1.0. */
@NullMarked
package dev.upkeep.sample.v1_1_0;

import org.jspecify.annotations.NullMarked;
