/** Steady traffic against one tenant of inkwell, and the account of every write that was acknowledged. */
@NullMarked
package dev.upkeep.sample.writer;

import org.jspecify.annotations.NullMarked;
