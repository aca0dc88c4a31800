package dev.upkeep.planted.namessaywhatathingis.planner.desk;

/** Begins with a word that is forbidden at the end. */
final class InnocentDatabase {}
