/** What every service's REST asks of a caller, and how it says no. */
@NullMarked
package dev.upkeep.access.intake;

import org.jspecify.annotations.NullMarked;
