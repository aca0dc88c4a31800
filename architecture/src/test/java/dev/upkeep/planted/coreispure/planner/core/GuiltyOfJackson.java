package dev.upkeep.planted.coreispure.planner.core;

import com.fasterxml.jackson.databind.JsonNode;

/** A core that reads JSON. */
record GuiltyOfJackson(JsonNode body) {}
