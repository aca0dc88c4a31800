package dev.upkeep.planted.toolsimportnoservice.cli;

/** A command that knows an address. */
record InnocentCommand(String url) {}
