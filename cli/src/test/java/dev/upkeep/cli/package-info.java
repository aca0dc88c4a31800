/** The command line as a person sees it: arguments in; output, complaints and an exit code out. */
@NullMarked
package dev.upkeep.cli;

import org.jspecify.annotations.NullMarked;
