package dev.upkeep.sample;

import java.util.Map;

/** What inkwell is told by its environment. */
record Settings(int port, String databaseUrl, String databaseUser, String databasePassword) {
    Settings {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("PORT is " + port + "; give a port from 0 to 65535");
        }
        if (!databaseUrl.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException(
                    "DATABASE_URL is " + databaseUrl + "; give a URL such as jdbc:postgresql://127.0.0.1:5432/inkwell");
        }
    }

    static Settings from(Map<String, String> environment) {
        return new Settings(
                port(required(environment, "PORT")),
                required(environment, "DATABASE_URL"),
                required(environment, "DATABASE_USER"),
                environment.getOrDefault("DATABASE_PASSWORD", ""));
    }

    private static int port(String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("PORT is " + text + "; give a port from 0 to 65535", e);
        }
    }

    private static String required(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(name + " is not set; inkwell needs it in its environment");
        }
        return value;
    }

    /** Keeps the password out of logs. */
    @Override
    public String toString() {
        return "Settings[port=" + port + ", databaseUrl=" + databaseUrl + ", databaseUser=" + databaseUser + "]";
    }
}
