@NullMarked
package dev.upkeep.access.intake;

import org.jspecify.annotations.NullMarked;
