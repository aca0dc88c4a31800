package dev.upkeep.contract;

/** The fencing number of an attempt: it only grows per tenant, across steps, undos and upgrades. */
public record Token(long value) implements Comparable<Token> {
    public Token {
        if (value < 1) {
            throw new IllegalArgumentException("token " + value + " must be at least 1");
        }
    }

    /** The number the next attempt on the same tenant gets. */
    public Token next() {
        return new Token(value + 1);
    }

    @Override
    public int compareTo(Token other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
