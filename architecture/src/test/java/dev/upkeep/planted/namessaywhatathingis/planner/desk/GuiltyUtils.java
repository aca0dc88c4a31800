package dev.upkeep.planted.namessaywhatathingis.planner.desk;

/** A drawer for leftovers. */
final class GuiltyUtils {}
