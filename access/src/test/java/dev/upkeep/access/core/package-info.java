@NullMarked
package dev.upkeep.access.core;

import org.jspecify.annotations.NullMarked;
