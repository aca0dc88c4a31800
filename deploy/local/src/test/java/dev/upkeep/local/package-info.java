@NullMarked
package dev.upkeep.local;

import org.jspecify.annotations.NullMarked;
