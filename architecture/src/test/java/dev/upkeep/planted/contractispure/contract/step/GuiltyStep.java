package dev.upkeep.planted.contractispure.contract.step;

import com.fasterxml.jackson.databind.JsonNode;

/** A word of the contract that knows Jackson. */
record GuiltyStep(JsonNode settings) {}
