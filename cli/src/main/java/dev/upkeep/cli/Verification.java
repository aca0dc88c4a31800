package dev.upkeep.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.audit.Head;
import dev.upkeep.contract.audit.Inspection;
import dev.upkeep.contract.audit.Inspection.Owner;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.contract.wire.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Follows the log's chains page by page and compares them with published heads; the planner is asked for what is written,
 * never for whether that is right.
 */
final class Verification {
    private static final int PAGE = 500;
    private static final ObjectMapper JSON = Wire.json();

    private final Api planner;
    private final List<Head> heads;
    private final Optional<Inspection.Trouble> ofHeads;
    private long links;
    private long chains;

    private Verification(Api planner, List<Head> heads, Optional<Inspection.Trouble> ofHeads) {
        this.planner = planner;
        this.heads = heads;
        this.ofHeads = ofHeads;
    }

    /** What was followed, and what is wrong first. */
    record Result(long chains, long links, Optional<Inspection.Trouble> trouble) {}

    /**
     * A verification against heads.
     *
     * @param files a file or a directory of them; null: those that the planner says it published
     * @param keyFile null: the planner's own
     */
    static Verification of(Api planner, @Nullable Path files, @Nullable Path keyFile) {
        List<Head> heads = files == null ? published(planner) : read(files);
        PublicKey key = key(keyFile == null ? text(planner) : text(keyFile));
        return new Verification(planner, heads, series(heads, key));
    }

    int heads() {
        return heads.size();
    }

    /** One chain. */
    Result one(String chain) {
        if (ofHeads.isPresent()) {
            return new Result(0, 0, ofHeads);
        }
        Inspection inspection = new Inspection(
                heads.stream().filter(h -> h.chain().equals(chain)).toList());
        Optional<Owner> owner = owner(chain);
        if (owner.isEmpty()) {
            return inspection
                    .gone()
                    .map(gone -> new Result(0, 0, Optional.of(gone)))
                    .orElseThrow(() -> new Trouble(
                            ExitCode.NOT_FOUND, "there is no " + chain + ", and no head of it was published"));
        }
        Reader reader = new Reader("/v1/audit/links?chain=" + Documents.segment(chain) + "&limit=" + PAGE);
        Optional<Inspection.Trouble> trouble = follow(inspection, owner.get(), reader);
        return new Result(chains, links, trouble);
    }

    /** All chains there are, and those that should be. */
    Result all() {
        if (ofHeads.isPresent()) {
            return new Result(0, 0, ofHeads);
        }
        Inspection inspection = new Inspection(heads);
        Reader reader = new Reader("/v1/audit/links?limit=" + PAGE);
        String cursor = "";
        while (true) {
            JsonNode page = planner.get("/v1/audit/chains?limit=" + PAGE + "&cursor=" + Documents.segment(cursor));
            for (JsonNode item : page.path("items")) {
                Owner owner = as(item, Owner.class);
                Optional<Inspection.Trouble> trouble =
                        unlisted(inspection, reader, owner.chain()).or(() -> follow(inspection, owner, reader));
                if (trouble.isPresent()) {
                    return new Result(chains, links, trouble);
                }
            }
            if (!page.has("next")) {
                break;
            }
            cursor = page.get("next").asText();
        }
        return new Result(chains, links, unlisted(inspection, reader, "\uffff").or(inspection::gone));
    }

    private Optional<Inspection.Trouble> follow(Inspection inspection, Owner owner, Reader reader) {
        inspection.begin(owner.chain());
        chains++;
        for (Optional<Link> link = reader.peek();
                link.isPresent() && link.get().chain().equals(owner.chain());
                link = reader.peek()) {
            Optional<Inspection.Trouble> trouble = inspection.next(link.get());
            if (trouble.isPresent()) {
                return trouble;
            }
            reader.skip();
            links++;
        }
        // What was written while it was read makes the chain longer than its owner was when it was asked.
        return inspection.end(
                inspection.followed() > owner.place() ? owner(owner.chain()).orElse(owner) : owner);
    }

    /** Chains before one that no page listed: they began since it was read, or they belong to nobody. */
    private Optional<Inspection.Trouble> unlisted(Inspection inspection, Reader reader, String before) {
        for (Optional<Link> link = reader.peek();
                link.isPresent() && link.get().chain().compareTo(before) < 0;
                link = reader.peek()) {
            Link first = link.get();
            Optional<Inspection.Trouble> trouble = owner(first.chain())
                    .map(owner -> follow(inspection, owner, reader))
                    .orElseGet(() -> Optional.of(new Inspection.Trouble(
                            first.chain(),
                            first.place(),
                            "there is no " + first.chain() + ", although this is written of it")));
            if (trouble.isPresent()) {
                return trouble;
            }
        }
        return Optional.empty();
    }

    private Optional<Owner> owner(String chain) {
        try {
            return Optional.of(as(planner.get("/v1/audit/chains/" + Documents.segment(chain)), Owner.class));
        } catch (Trouble trouble) {
            if (trouble.exit() == ExitCode.NOT_FOUND) {
                return Optional.empty();
            }
            throw trouble;
        }
    }

    /** Links in their order, a page in memory. */
    private final class Reader {
        private final String path;
        private final Deque<Link> page = new ArrayDeque<>();
        private @Nullable String next = "";

        Reader(String path) {
            this.path = path;
        }

        Optional<Link> peek() {
            while (page.isEmpty() && next != null) {
                JsonNode answer = planner.get(next.isEmpty() ? path : path + "&cursor=" + Documents.segment(next));
                answer.path("items").forEach(item -> page.add(as(item, Link.class)));
                next = answer.has("next") ? answer.get("next").asText() : null;
            }
            return Optional.ofNullable(page.peek());
        }

        void skip() {
            page.remove();
        }
    }

    // ---- heads

    /** What is wrong with the heads themselves: a signature, or one that is missing among them. */
    private static Optional<Inspection.Trouble> series(List<Head> heads, PublicKey key) {
        Head before = null;
        for (Head head : heads) {
            if (!head.isSignedBy(key)) {
                return Optional.of(new Inspection.Trouble(
                        head.chain(),
                        head.place(),
                        "head " + head.number() + " is not signed by this key: it is forged"));
            }
            if (before != null
                    && !(head.number() == before.number() + 1 && head.before().equals(before.fingerprint()))) {
                return Optional.of(new Inspection.Trouble(
                        head.chain(),
                        head.place(),
                        "head " + head.number() + " does not follow head " + before.number()
                                + ": one was taken out between them"));
            }
            before = head;
        }
        return Optional.empty();
    }

    private static List<Head> published(Api planner) {
        List<Head> heads = new ArrayList<>();
        Pages.all(planner, "/v1/audit/heads?limit=" + PAGE).forEach(item -> heads.add(as(item, Head.class)));
        return heads;
    }

    private static List<Head> read(Path path) {
        List<Head> heads = new ArrayList<>();
        try {
            List<Path> files;
            if (Files.isDirectory(path)) {
                try (Stream<Path> all = Files.list(path)) {
                    files = all.filter(f -> f.getFileName().toString().endsWith(".jsonl"))
                            .sorted()
                            .toList();
                }
            } else {
                files = List.of(path);
            }
            for (Path file : files) {
                for (String line : Files.readAllLines(file)) {
                    // A line that a crash cut short is no head; were it taken out on purpose, the next would not
                    // follow.
                    head(line).ifPresent(heads::add);
                }
            }
        } catch (IOException e) {
            throw new Trouble(
                    ExitCode.USAGE,
                    "can't read the heads in " + path + ": " + e.getMessage() + "\n  → give the planner's"
                            + " upkeep.audit.heads or a copy of it");
        }
        return heads;
    }

    private static Optional<Head> head(String line) {
        try {
            return Optional.ofNullable(JSON.readValue(line, Head.class));
        } catch (JsonProcessingException cutShort) {
            return Optional.empty();
        }
    }

    private static String text(Api planner) {
        return planner.get("/v1/audit/key").path("publicKey").asText();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new Trouble(ExitCode.USAGE, "can't read the key in " + file + ": " + e.getMessage());
        }
    }

    private static PublicKey key(String pem) {
        try {
            String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
            return Objects.requireNonNull(KeyFactory.getInstance("Ed25519")
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new Trouble(
                    ExitCode.USAGE,
                    "that is no public Ed25519 key: " + e.getMessage() + "\n  → give the .pub file that lies beside the"
                            + " planner's upkeep.audit.key");
        }
    }

    private static <T> T as(JsonNode node, Class<T> type) {
        try {
            return JSON.treeToValue(node, type);
        } catch (JsonProcessingException e) {
            throw new Trouble(
                    ExitCode.UNREACHABLE,
                    "the planner answered with something that is no " + type.getSimpleName() + ": " + e.getMessage());
        }
    }
}
