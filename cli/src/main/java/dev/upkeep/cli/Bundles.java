package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.bundle.Access;
import dev.upkeep.bundle.Bundle;
import dev.upkeep.bundle.BundleRefused;
import dev.upkeep.bundle.Checked;
import dev.upkeep.bundle.Entry;
import dev.upkeep.bundle.Loader;
import dev.upkeep.bundle.Maker;
import dev.upkeep.bundle.SigningKey;
import dev.upkeep.bundle.Statement;
import dev.upkeep.bundle.Trust;
import dev.upkeep.contract.ProductName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Releases in one signed file each, for sites without a network; no service is asked. */
@Command(
        name = "bundle",
        description = "Releases in one signed file each, for sites without a network.",
        mixinStandardHelpOptions = true,
        subcommands = {
            Bundles.Create.class,
            Bundles.Sign.class,
            Bundles.Inspect.class,
            Bundles.Trusting.class,
            Bundles.Verify.class,
            Bundles.Load.class
        })
final class Bundles {

    /** Work on a bundle, with its refusals told as everybody's are. */
    abstract static class OnBundle extends Verb {
        abstract ExitCode work() throws IOException, BundleRefused, InterruptedException;

        @Override
        final ExitCode run() {
            try {
                return work();
            } catch (BundleRefused refused) {
                throw new Trouble(
                        refused.why() == BundleRefused.Why.REGISTRY_DOWN ? ExitCode.UNREACHABLE : ExitCode.REFUSED,
                        "refused (" + refused.why().word() + "): " + refused.getMessage() + "\n  → " + refused.fix());
            } catch (IOException e) {
                throw new Trouble(
                        ExitCode.USAGE,
                        "can't read or write: " + e
                                + "\n  → give files that are there, and a directory that can be written");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Trouble(ExitCode.ENDED_BADLY, "interrupted; say the same again");
            }
        }

        void print(ObjectNode answer) {
            print(
                    answer,
                    a -> a.properties().forEach(line -> {
                        if (line.getKey().equals("files")) {
                            out().println("files: " + line.getValue().size());
                        } else if (line.getValue().isArray()) {
                            line.getValue().forEach(item -> out().println(line.getKey() + ": " + item.asText()));
                        } else {
                            out().println(line.getKey() + ": " + line.getValue().asText());
                        }
                    }));
        }
    }

    /** For a registry that lets nobody in without an account. */
    static final class Account {
        @Option(names = "--user", paramLabel = "NAME", description = "The account at the registry.")
        @Nullable
        String user;

        @Option(
                names = "--password",
                paramLabel = "REF",
                description = "Where its password is: env:NAME or file:PATH, never the password itself.")
        @Nullable
        String password;

        Optional<Access> access() {
            if (user == null && password == null) {
                return Optional.empty();
            }
            if (user == null || password == null) {
                throw new Trouble(ExitCode.USAGE, "an account is a user and a password\n  → give both or neither");
            }
            return Optional.of(new Access(user, secret(password)));
        }

        private static String secret(String reference) {
            try {
                if (reference.startsWith("file:")) {
                    return Files.readString(Path.of(reference.substring(5))).strip();
                }
                String value = reference.startsWith("env:") ? System.getenv(reference.substring(4)) : null;
                if (value != null) {
                    return value;
                }
            } catch (IOException | IllegalArgumentException e) {
                // Falls through: what was given is not shown, it may be the password.
            }
            throw new Trouble(
                    ExitCode.USAGE,
                    "--password leads to no password\n  → give env:NAME of a variable that is set, or file:PATH");
        }
    }

    @Command(
            name = "create",
            description = "Fetches by digest all that a release names, and puts it into one signed file.",
            mixinStandardHelpOptions = true)
    static final class Create extends OnBundle {
        @Option(
                names = {"-f", "--file"},
                required = true,
                paramLabel = "FILE",
                description = "The release's manifest, YAML or JSON.")
        @Nullable
        Path file;

        @Option(names = "--product", required = true, paramLabel = "FILE", description = "Its product's descriptor.")
        @Nullable
        Path descriptor;

        @Option(
                names = "--changelog",
                paramLabel = "FILE",
                description = "A CHANGELOG.md that the release's notes are taken from.")
        @Nullable
        Path changelog;

        @Option(
                names = "--key",
                required = true,
                paramLabel = "FILE",
                description =
                        "An Ed25519 key to sign with, as PEM, its public half beside it in FILE.pub. May be given again.")
        List<Path> keys = List.of();

        @Option(
                names = "--good-for",
                paramLabel = "DURATION",
                defaultValue = "P90D",
                description = "How long sites may load it. Default: ${DEFAULT-VALUE}.")
        Duration goodFor = Duration.ofDays(90);

        @Option(
                names = "--sequence",
                paramLabel = "NUMBER",
                description =
                        "Higher than that of each bundle of this product before. Default: the seconds since 1970.")
        @Nullable
        Long sequence;

        @Option(names = "--to", required = true, paramLabel = "FILE", description = "The bundle's file.")
        @Nullable
        Path to;

        @picocli.CommandLine.Mixin
        final Account account = new Account();

        @Override
        ExitCode work() throws IOException, BundleRefused, InterruptedException {
            Instant now = TheClock.system().instant().truncatedTo(ChronoUnit.SECONDS);
            if (goodFor.isNegative() || goodFor.isZero()) {
                throw new Trouble(
                        ExitCode.USAGE, "--good-for " + goodFor + " has no end ahead\n  → give one such as P90D");
            }
            Path target = Required.of(to).toAbsolutePath();
            try {
                Source product = Source.read(Required.of(descriptor));
                JsonNode release = changelog == null
                        ? Manifest.of(Required.of(file)).tree()
                        : Manifest.of(
                                        Optional.of(Required.of(file)),
                                        changelog,
                                        product.written().tree().path("product").asText())
                                .tree();
                Bundle.Claims made = Maker.make(
                        new Maker.Order(
                                product.written().tree(),
                                release,
                                sequence == null ? now.getEpochSecond() : sequence,
                                now,
                                now.plus(goodFor),
                                account.access()),
                        keys(keys),
                        target);
                print(claims(made).put("file", target.toString()));
                return ExitCode.OK;
            } catch (Findings unreadable) {
                throw new Trouble(
                        ExitCode.REFUSED,
                        unreadable.found().stream().map(Finding::line).collect(Collectors.joining("\n")));
            }
        }
    }

    @Command(
            name = "sign",
            description = "Adds a signature to a bundle, after each of its files was held against its statement.",
            mixinStandardHelpOptions = true)
    static final class Sign extends OnBundle {
        @Parameters(paramLabel = "FILE", description = "The bundle.")
        @Nullable
        Path file;

        @Option(
                names = "--key",
                required = true,
                paramLabel = "FILE",
                description = "The Ed25519 key to sign with, as PEM, its public half beside it in FILE.pub.")
        @Nullable
        Path key;

        @Override
        ExitCode work() throws IOException, BundleRefused {
            print(claims(Bundle.sign(Required.of(file), SigningKey.read(Required.of(key)))));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "inspect",
            description = "Shows what a bundle says of itself; nothing of it is checked.",
            mixinStandardHelpOptions = true)
    static final class Inspect extends OnBundle {
        @Parameters(paramLabel = "FILE", description = "The bundle.")
        @Nullable
        Path file;

        @Override
        ExitCode work() throws IOException, BundleRefused {
            ObjectNode answer = new ObjectMapper().createObjectNode().put("verified", false);
            answer.setAll(claims(Bundle.inspect(Required.of(file))));
            print(answer, a -> {
                out().println("NOT VERIFIED: this is what the file says of itself; `upkeep bundle verify` checks it");
                a.properties().forEach(line -> {
                    if (!line.getValue().isArray() && !line.getKey().equals("verified")) {
                        out().println(line.getKey() + ": " + line.getValue().asText());
                    }
                });
                a.path("keys").forEach(key -> out().println("says it is signed by: " + key.asText()));
                Table table = new Table("FILE", "BYTES");
                a.path("files").forEach(f -> table.row(text(f, "name"), text(f, "size")));
                table.print(out(), "no files");
            });
            return ExitCode.OK;
        }
    }

    @Command(
            name = "trust",
            description = "Makes the file by which a site knows whose bundles of a product it takes.",
            mixinStandardHelpOptions = true)
    static final class Trusting extends OnBundle {
        @Option(names = "--product", required = true, paramLabel = "PRODUCT", description = "The product's name.")
        @Nullable
        String product;

        @Option(
                names = "--key",
                required = true,
                paramLabel = "FILE",
                description =
                        "A holder's public key, as PEM, that came by another way than the bundles. May be given again.")
        List<Path> keys = List.of();

        @Option(
                names = "--threshold",
                required = true,
                paramLabel = "NUMBER",
                description = "How many of them must have signed a bundle.")
        int threshold;

        @Option(
                names = "--to",
                required = true,
                paramLabel = "FILE",
                description = "The trust file; it must not be there.")
        @Nullable
        Path to;

        @Override
        ExitCode work() throws IOException, BundleRefused {
            Path file = Required.of(to);
            if (Files.exists(file)) {
                throw new Trouble(
                        ExitCode.REFUSED,
                        file
                                + " is there, and with it how far this site has come\n  → to trust other keys, change them in"
                                + " it and leave `seen` alone");
            }
            Trust trust = Trust.of(name(Required.of(product)), threshold, keys);
            trust.write(file.toAbsolutePath());
            ObjectNode answer = new ObjectMapper()
                    .createObjectNode()
                    .put("product", trust.product().value())
                    .put("threshold", trust.threshold());
            ArrayNode names = answer.putArray("keys");
            trust.keys().keySet().stream().sorted().forEach(names::add);
            print(answer.put("file", file.toString()));
            return ExitCode.OK;
        }

        private static ProductName name(String text) {
            try {
                return new ProductName(text);
            } catch (IllegalArgumentException e) {
                throw new Trouble(ExitCode.USAGE, e.getMessage() + "\n  → give the product's name");
            }
        }
    }

    @Command(
            name = "verify",
            description = "Checks everything about a bundle and touches nothing.",
            mixinStandardHelpOptions = true)
    static final class Verify extends OnBundle {
        @Parameters(paramLabel = "FILE", description = "The bundle.")
        @Nullable
        Path file;

        @Option(names = "--trust", required = true, paramLabel = "FILE", description = "Whose bundles are taken here.")
        @Nullable
        Path trust;

        @Override
        ExitCode work() throws IOException, BundleRefused {
            Checked checked = Bundle.verify(
                    Required.of(file),
                    Trust.read(Required.of(trust)),
                    TheClock.system().instant());
            print(summary(checked).put("verified", true));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "load",
            description =
                    "Checks a bundle, brings its images into a registry by digest, and its files into a directory.",
            mixinStandardHelpOptions = true)
    static final class Load extends OnBundle {
        @Parameters(paramLabel = "FILE", description = "The bundle.")
        @Nullable
        Path file;

        @Option(
                names = "--trust",
                required = true,
                paramLabel = "FILE",
                description = "Whose bundles are taken here; what was loaded is written there.")
        @Nullable
        Path trust;

        @Option(
                names = "--registry",
                paramLabel = "HOST:PORT",
                description = "The site's registry; needed if the bundle has images.")
        @Nullable
        String registry;

        @Option(
                names = "--directory",
                required = true,
                paramLabel = "DIR",
                description = "Where the bundle gets a directory of its own.")
        @Nullable
        Path directory;

        @picocli.CommandLine.Mixin
        final Account account = new Account();

        @Override
        ExitCode work() throws IOException, BundleRefused, InterruptedException {
            if (registry != null && !registry.matches("[A-Za-z0-9.-]+(:\\d{1,5})?")) {
                throw new Trouble(ExitCode.USAGE, "--registry " + registry + " is none\n  → give it as HOST:PORT");
            }
            Loader.Loaded loaded = Loader.load(
                    new Loader.Request(
                            Required.of(file),
                            Required.of(trust).toAbsolutePath(),
                            Optional.ofNullable(registry),
                            account.access(),
                            Required.of(directory)),
                    TheClock.system().instant());
            print(summary(loaded.bundle())
                    .put("pushed", loaded.pushed())
                    .put("already-there", loaded.found())
                    .put("product-file", loaded.product().toString())
                    .put("release-file", loaded.release().toString()));
            return ExitCode.OK;
        }
    }

    private static List<SigningKey> keys(List<Path> files) throws BundleRefused {
        List<SigningKey> keys = new ArrayList<>();
        for (Path file : files) {
            keys.add(SigningKey.read(file));
        }
        return keys;
    }

    private static ObjectNode claims(Bundle.Claims claims) {
        ObjectNode answer = head(claims.statement());
        ArrayNode keys = answer.putArray("keys");
        claims.keys().forEach(keys::add);
        ArrayNode files = answer.putArray("files");
        for (Entry entry : claims.statement().entries()) {
            files.addObject()
                    .put("name", entry.name())
                    .put("digest", entry.digest().value())
                    .put("size", entry.size());
        }
        return answer;
    }

    private static ObjectNode summary(Checked checked) {
        ObjectNode answer = head(checked.statement());
        ArrayNode images = answer.putArray("images");
        checked.images().forEach((component, image) -> images.add(component + " " + image.digest()));
        ArrayNode files = answer.putArray("artifacts");
        checked.files().forEach((component, file) -> files.add(component + " " + file.digest()));
        return answer;
    }

    private static ObjectNode head(Statement statement) {
        return new ObjectMapper()
                .createObjectNode()
                .put("product", statement.product().value())
                .put("version", statement.version().toString())
                .put("sequence", statement.sequence())
                .put("created", statement.created().toString())
                .put("expires", statement.expires().toString());
    }
}
