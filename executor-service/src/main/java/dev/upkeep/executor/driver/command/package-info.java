/** Tasks that a descriptor names, run as programs. */
@NullMarked
package dev.upkeep.executor.driver.command;

import org.jspecify.annotations.NullMarked;
