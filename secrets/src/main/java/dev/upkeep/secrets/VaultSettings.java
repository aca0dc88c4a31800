package dev.upkeep.secrets;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where a vault is and how to sign in to it: the settings {@code upkeep.vault.*}.
 *
 * @param namespace of the vault that has such
 * @param authority a PEM file of the certificates that the vault's is checked with; none means the machine's
 * @param timeout of one request
 */
public record VaultSettings(
        URI address, Optional<String> namespace, Login login, Optional<Path> authority, Duration timeout) {
    private static final String PREFIX = "upkeep.vault.";

    /** How to sign in; what is in the files is read each time, since agents put new things there. */
    public sealed interface Login {
        /** A token, as an agent keeps it in a file. */
        record Token(Path file) implements Login {}

        /** A role, and a file of the secret id that goes with it. */
        record AppRole(String mount, String role, Path secret) implements Login {}

        /** A role of the cluster that this process runs in, and the file of its service account's token. */
        record Kubernetes(String mount, String role, Path token) implements Login {}
    }

    public VaultSettings {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(login, "login");
        Objects.requireNonNull(authority, "authority");
        boolean here = address.getHost() != null
                && List.of("127.0.0.1", "localhost", "[::1]").contains(address.getHost());
        if (!"https".equals(address.getScheme()) && !("http".equals(address.getScheme()) && here)) {
            throw new IllegalArgumentException(PREFIX + "address is " + address
                    + ": it must be https, or everybody on the way could read the token and the secrets");
        }
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException(PREFIX + "timeout is " + timeout + ", must be longer than nothing");
        }
    }

    /** Empty if no vault is set up. */
    static Optional<VaultSettings> of(Function<String, Optional<String>> settings) {
        Function<String, Optional<String>> of =
                name -> settings.apply(PREFIX + name).filter(value -> !value.isBlank());
        return of.apply("address")
                .map(address -> new VaultSettings(
                        URI.create(address.replaceAll("/+$", "")),
                        of.apply("namespace"),
                        login(of),
                        of.apply("ca-file").map(Path::of),
                        timeout(of.apply("timeout").orElse("PT5S"))));
    }

    private static Login login(Function<String, Optional<String>> of) {
        List<Login> logins = java.util.stream.Stream.of(
                        of.apply("token-file").<Login>map(file -> new Login.Token(Path.of(file))),
                        of.apply("approle.role-id")
                                .<Login>map(role -> new Login.AppRole(
                                        of.apply("approle.mount").orElse("approle"),
                                        role,
                                        Path.of(need(of, "approle.secret-id-file")))),
                        of.apply("kubernetes.role")
                                .<Login>map(role -> new Login.Kubernetes(
                                        of.apply("kubernetes.mount").orElse("kubernetes"),
                                        role,
                                        Path.of(of.apply("kubernetes.token-file")
                                                .orElse("/var/run/secrets/kubernetes.io/serviceaccount/token")))))
                .flatMap(Optional::stream)
                .toList();
        if (logins.size() != 1) {
            throw new IllegalArgumentException("set exactly one of " + PREFIX + "token-file, " + PREFIX
                    + "approle.role-id and " + PREFIX + "kubernetes.role; " + logins.size() + " are set");
        }
        return logins.getFirst();
    }

    private static String need(Function<String, Optional<String>> of, String name) {
        return of.apply(name).orElseThrow(() -> new IllegalArgumentException(PREFIX + name + " is not set"));
    }

    private static Duration timeout(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(PREFIX + "timeout is '" + text + "', must be like PT5S", e);
        }
    }
}
