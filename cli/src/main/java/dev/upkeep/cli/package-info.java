/** The command line: picocli over the services' REST; it knows their JSON, none of their code. */
@NullMarked
package dev.upkeep.cli;

import org.jspecify.annotations.NullMarked;
