package dev.upkeep.planted.namessaywhatathingis.planner.util;

/** A good name in a package for leftovers. */
final class GuiltyLeftover {}
