package dev.upkeep.planted.everypackageisnullmarked.planner.core;

/** Here it is said. */
final class InnocentCore {}
