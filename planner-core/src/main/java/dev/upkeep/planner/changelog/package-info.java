/** Release notes as people write them in Markdown: found by parsing, so that a word in code or in an address means nothing. */
@NullMarked
package dev.upkeep.planner.changelog;

import org.jspecify.annotations.NullMarked;
