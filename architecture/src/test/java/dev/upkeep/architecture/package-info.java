/** The rules of the code as tests, and for each a planted violation that it must report. */
@NullMarked
package dev.upkeep.architecture;

import org.jspecify.annotations.NullMarked;
