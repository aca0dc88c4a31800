package dev.upkeep.planted.namessaywhatathingis.planner.desk;

/** A name for anything. */
final class GuiltyPlannerManager {}
