/** What comes in over REST. */
@NullMarked
package dev.upkeep.notifier.intake;

import org.jspecify.annotations.NullMarked;
