/** Who a caller is, as a token says it, and what a caller's change expects to find. */
@NullMarked
package dev.upkeep.access.core;

import org.jspecify.annotations.NullMarked;
