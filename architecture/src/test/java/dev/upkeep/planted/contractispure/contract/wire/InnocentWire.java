package dev.upkeep.planted.contractispure.contract.wire;

import com.fasterxml.jackson.databind.JsonNode;

/** A wire that knows Jackson, as it may. */
record InnocentWire(JsonNode body) {}
