/** Podman pods behind one Makefile and one file of variables. */
@NullMarked
package dev.upkeep.executor.driver.podman;

import org.jspecify.annotations.NullMarked;
