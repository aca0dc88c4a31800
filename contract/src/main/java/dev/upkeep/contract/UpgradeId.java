package dev.upkeep.contract;

/** One tenant going from one version to another. */
public record UpgradeId(String value) {
    public UpgradeId {
        Shape.id("upgrade", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
