/** The notifier's tables. */
@NullMarked
package dev.upkeep.notifier.store;

import org.jspecify.annotations.NullMarked;
