package dev.upkeep.executor.run;

import dev.upkeep.contract.event.ResultEvent;

/** A claim and what came of it. */
public record Ended(Claim claim, ResultEvent result) {}
