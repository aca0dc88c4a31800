package dev.upkeep.contract;

/** One installation of a product for one account. */
public record TenantId(String value) {
    public TenantId {
        Shape.name("tenant", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
