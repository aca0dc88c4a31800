package dev.upkeep.planted.everypackageisnullmarked.planner.desk;

/** Nobody knows what may be null here. */
final class GuiltyDesk {}
