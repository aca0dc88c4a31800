package dev.upkeep.contract;

/** What ships releases. */
public record ProductName(String value) {
    public ProductName {
        Shape.name("product", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
