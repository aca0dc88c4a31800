package dev.upkeep.executor.driver;

import dev.upkeep.contract.step.Target;
import dev.upkeep.secrets.References;
import dev.upkeep.secrets.Unresolved;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Turns settings into their values at the moment of use; what it gives must never be logged, stored or sent.
 *
 * <p>It knows what it has given away, so that what a program printed can be told without: each step has one of its own,
 * see {@link #ofOneStep}, which ends with the step.
 */
public final class Secrets {
    /** A shorter one would be found by chance in words that have nothing to do with it. */
    private static final int SHORTEST = 4;

    /** The same for what programs read: a changed digit there is worse than one that is guessed. */
    private static final int SHORTEST_IN_FACTS = 8;

    private final References references;
    private final Map<String, String> given = new ConcurrentHashMap<>();

    public Secrets(Map<String, String> environment) {
        this(new References(environment, Optional.empty()));
    }

    public Secrets(References references) {
        this.references = references;
    }

    /** The same references, with nothing given away yet. */
    public Secrets ofOneStep() {
        return new Secrets(references);
    }

    /**
     * The value that a setting stands for: that of the variable for {@code env:NAME}, the content of the file without
     * its trailing line break for {@code file:/path}, that of the field for {@code vault:MOUNT/PATH#FIELD}, else the
     * setting itself.
     *
     * @throws Refused naming the reference if it leads nowhere, may not be read, or can't be read now
     */
    public String resolve(String setting) {
        try {
            String value = references.resolve(setting);
            if (References.is(setting)) {
                given.put(value, setting);
            }
            return value;
        } catch (Unresolved e) {
            throw new Refused(refusal(e), e);
        }
    }

    private static Outcome.Failed refusal(Unresolved e) {
        String reason = "secret reference " + e.getMessage();
        return switch (e.why()) {
            case MISSING ->
                Outcome.Failed.forGood(
                        Failure.SECRET_MISSING,
                        reason,
                        "Provide it where the executor runs, or change the tenant's setting");
            case DENIED ->
                Outcome.Failed.forGood(
                        Failure.SECRET_DENIED,
                        reason,
                        "Let the executor's token or role read it, and see that its agent still renews it");
            case UNREADABLE -> Outcome.Failed.forGood(Failure.SECRET_UNREADABLE, reason, "Correct the reference");
            case UNREACHABLE ->
                Outcome.Failed.retryable(
                        Failure.VAULT_DOWN, reason, "Check upkeep.vault.address, and that the vault runs");
            case SEALED -> Outcome.Failed.retryable(Failure.VAULT_SEALED, reason, "Unseal the vault");
        };
    }

    /** A setting of a component, resolved. */
    public String need(Target target, String key) {
        return find(target, key)
                .orElseThrow(() -> new Refused(Outcome.Failed.forGood(
                        Failure.SETTING_MISSING,
                        "component " + target.component() + " has no setting '" + key + "'",
                        "Set components." + target.component() + ".settings." + key + " of the tenant")));
    }

    /** The same for a setting that may be missing. */
    public Optional<String> find(Target target, String key) {
        return Optional.ofNullable(target.settings().get(key)).map(this::resolve);
    }

    /** A text for people in which each secret that was given away is its reference again, however it was written. */
    public String masked(String text) {
        return masked(text, SHORTEST);
    }

    /** The same for what a later step reads, where only a secret that can't be there by chance is taken out. */
    public String maskedFact(String value) {
        return masked(value, SHORTEST_IN_FACTS);
    }

    private String masked(String text, int shortest) {
        Map<String, String> all = new LinkedHashMap<>();
        given.forEach((secret, reference) -> forms(secret)
                .filter(form -> form.length() >= shortest)
                .forEach(form -> all.put(form, "[" + reference + "]")));
        // The longer first: one may be a part of another.
        List<String> longestFirst = all.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        String masked = text;
        for (String form : longestFirst) {
            masked = masked.replace(form, all.getOrDefault(form, ""));
        }
        return masked;
    }

    /** As programs print a secret: as it is, line by line, in a URL, in a header, in JSON. */
    private static Stream<String> forms(String secret) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        String inUrl = URLEncoder.encode(secret, StandardCharsets.UTF_8);
        Stream<String> whole = Stream.of(
                secret,
                inUrl,
                inUrl.replace("+", "%20"),
                Base64.getEncoder().encodeToString(bytes),
                secret.replace("\\", "\\\\").replace("\"", "\\\""),
                secret.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"));
        // The first and last lines of a PEM file are no secret, and stand in many texts.
        Stream<String> lines = secret.lines().map(String::strip).filter(line -> !line.startsWith("-----"));
        return Stream.concat(whole, lines);
    }
}
