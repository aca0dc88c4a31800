@NullMarked
package dev.upkeep.executor.driver.postgresql;

import org.jspecify.annotations.NullMarked;
