package dev.upkeep.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The token of whoever runs Upkeep on this machine: operator and approver, in a file that its owner alone may read,
 * renewed by whoever uses it as long as the key is at hand.
 */
public final class LocalToken {
    private static final Duration LASTS = Duration.ofDays(1);
    private static final List<String> ROLES = List.of("operator", "approver");

    private LocalToken() {}

    /** Writes the token, unless the one that is there was signed with this key and has half of its time before it. */
    public static void renew(Path state, LocalKey key, Instant now) throws IOException {
        Path file = file(state);
        Optional<String> kept = Files.isReadable(file) ? Optional.of(Files.readString(file)) : Optional.empty();
        if (kept.filter(token -> isGood(token, key, now)).isEmpty()) {
            Grant grant = new Grant(System.getProperty("user.name", "local"), ROLES, Optional.empty(), LASTS);
            OwnersFile.write(file, key.sign(grant, now) + "\n");
        }
    }

    /** What a state directory's token file has, renewed first where that can be done. */
    public static Credential of(Path state, InstantSource clock) {
        Path file = file(state);
        return new Credential(file.toString(), () -> {
            try {
                Optional<LocalKey> key = LocalKey.ifReadable(state);
                if (key.isPresent()) {
                    renew(state, key.get(), clock.instant());
                }
                return Files.isReadable(file) ? Optional.of(Files.readString(file)) : Optional.empty();
            } catch (IOException e) {
                throw new Trouble(ExitCode.USAGE, String.valueOf(e.getMessage()));
            }
        });
    }

    static Path file(Path state) {
        return state.resolve("token");
    }

    private static boolean isGood(String token, LocalKey key, Instant now) {
        String[] parts = token.strip().split("\\.");
        if (parts.length != 3) {
            return false;
        }
        Instant half = now.plus(LASTS.dividedBy(2));
        return decoded(parts[0]).path("kid").asText().equals(key.id())
                && decoded(parts[1]).path("exp").asLong() > half.getEpochSecond();
    }

    private static JsonNode decoded(String part) {
        ObjectMapper json = new ObjectMapper();
        try {
            return json.readTree(Base64.getUrlDecoder().decode(part));
        } catch (JsonProcessingException | IllegalArgumentException unreadable) {
            return json.missingNode();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
