/** The driver of components that are Helm releases. */
@NullMarked
package dev.upkeep.executor.driver.helm;

import org.jspecify.annotations.NullMarked;
