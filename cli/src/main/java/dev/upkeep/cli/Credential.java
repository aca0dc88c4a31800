package dev.upkeep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** A token to call with, asked for anew before each call; only where it came from is ever shown. */
public final class Credential {
    /** For services that nobody has a token for. */
    public static final Credential NONE = new Credential("", Optional::empty);

    // Three parts of base64url, and nothing that a header can't hold: what it can't hold, an exception would quote.
    private static final Pattern TOKEN = Pattern.compile("[\\w-]+\\.[\\w-]+\\.[\\w-]+");

    private final String from;
    private final Supplier<Optional<String>> token;

    /** @param from where the token comes from, for a person; empty if from nowhere */
    Credential(String from, Supplier<Optional<String>> token) {
        this.from = from;
        this.token = token;
    }

    /** A token that was given as it is. */
    static Credential given(String from, String token) {
        return new Credential(from, () -> Optional.of(token));
    }

    /** The token in a file, which may be written again meanwhile, as Kubernetes and agents of identity providers do. */
    static Credential in(Path file) {
        return new Credential(file.toString(), () -> {
            try {
                return Optional.of(Files.readString(file));
            } catch (NoSuchFileException e) {
                throw new Trouble(ExitCode.USAGE, file + " does not exist\n  → give the file that the token is in");
            } catch (IOException e) {
                throw new Trouble(ExitCode.USAGE, "can't read " + file + ": " + e.getMessage());
            }
        });
    }

    /** The header's value. */
    Optional<String> header() {
        return token.get().map(String::strip).map(text -> {
            if (!TOKEN.matcher(text).matches()) {
                throw new Trouble(
                        ExitCode.USAGE,
                        "what is in " + from
                                + " is no token\n  → a token is one line of three parts with dots between");
            }
            return "Bearer " + text;
        });
    }

    /** What to do about a refusal, knowing which token was sent. */
    String advice(int status) {
        if (from.isEmpty()) {
            return "no token was sent\n  → for what `./upkeep up` runs here, --state or UPKEEP_STATE names the directory that it"
                    + " is in; for any other installation give --token-file FILE or UPKEEP_TOKEN";
        }
        return status == 401
                ? "the token came from " + from + "\n  → put a new one there; for what `./upkeep up` runs here,"
                        + " `./upkeep token --role …` makes one"
                : "the token came from " + from + "\n  → use one of somebody who may (docs/reference/roles.md)";
    }

    /** Never the token. */
    @Override
    public String toString() {
        return from.isEmpty() ? "no token" : "a token from " + from;
    }
}
