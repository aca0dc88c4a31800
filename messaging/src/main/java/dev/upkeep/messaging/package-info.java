/** The one shared mechanism: a service's state and what it says change in one transaction, effectively once. */
@NullMarked
package dev.upkeep.messaging;

import org.jspecify.annotations.NullMarked;
