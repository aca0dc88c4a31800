package dev.upkeep.bundle;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;

/** As whom a registry is asked. */
public record Access(String user, String password) {
    public Access {
        Objects.requireNonNull(password, "password");
        if (user.isEmpty() || user.contains(":")) {
            throw new IllegalArgumentException("a user has a name, without a colon in it");
        }
    }

    String basic() {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** Never the password. */
    @Override
    public String toString() {
        return "access of " + user;
    }
}
