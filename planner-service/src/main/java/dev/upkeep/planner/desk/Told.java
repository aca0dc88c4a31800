package dev.upkeep.planner.desk;

import dev.upkeep.contract.UpgradeId;
import dev.upkeep.planner.core.News;
import java.util.Objects;

/** A piece of news and the upgrade it is for. */
public record Told(UpgradeId upgrade, News news) {
    public Told {
        Objects.requireNonNull(upgrade, "upgrade");
        Objects.requireNonNull(news, "news");
    }
}
