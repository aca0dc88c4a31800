/** Components that are processes of the machine the executor runs on, one directory per version. */
@NullMarked
package dev.upkeep.executor.driver.process;

import org.jspecify.annotations.NullMarked;
