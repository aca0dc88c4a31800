/** Takes requests in: load, decide, save and say, in one transaction. */
@NullMarked
package dev.upkeep.executor.desk;

import org.jspecify.annotations.NullMarked;
