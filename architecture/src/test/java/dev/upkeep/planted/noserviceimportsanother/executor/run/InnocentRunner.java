package dev.upkeep.planted.noserviceimportsanother.executor.run;

/** A runner that uses what is its own. */
record InnocentRunner(Words own) {}
