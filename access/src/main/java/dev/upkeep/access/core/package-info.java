/** Who a caller is, as a token says it. */
@NullMarked
package dev.upkeep.access.core;

import org.jspecify.annotations.NullMarked;
