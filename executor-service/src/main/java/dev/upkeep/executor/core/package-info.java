/** Which requests may be carried out: pure Java. */
@NullMarked
package dev.upkeep.executor.core;

import org.jspecify.annotations.NullMarked;
