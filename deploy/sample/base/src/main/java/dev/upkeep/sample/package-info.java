/** The sample product inkwell: what all its versions share. */
@NullMarked
package dev.upkeep.sample;

import org.jspecify.annotations.NullMarked;
