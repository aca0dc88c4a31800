package dev.upkeep.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.bundle.Envelope.Mark;
import dev.upkeep.contract.ProductName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is done to a bundle on its way, the site refuses it by name, and nothing of it is left behind. */
class TamperTest {
    private static final int BLOCK = 512;

    @TempDir
    Path directory;

    private Vendor vendor;
    private Path trust;
    private Path bundle;

    @BeforeEach
    void make() throws Exception {
        vendor = new Vendor(directory);
        trust = vendor.trust(2, 3);
        bundle = vendor.bundle("good.bundle", "1.1.0", 7, 0, 1);
    }

    // ---- what is right

    @Test
    void takesAnUntouchedBundleAndLeavesWhatThePlannerPublishes() throws Exception {
        Loader.Loaded loaded = load(bundle);

        assertThat(loaded.bundle().statement().version()).hasToString("1.1.0");
        Path jar = loaded.place().resolve("files/app/inkwell-1.1.0.jar");
        assertThat(jar).hasContent("the program 1.1.0");
        assertThat(Json.any("it", Files.readAllBytes(loaded.place().resolve("release.json")))
                        .at("/artifacts/0/location")
                        .asText())
                .isEqualTo(jar.toUri().toString());
        assertThat(loaded.place().resolve("notes.md")).content().contains("## added\n\n- Pins");
        assertThat(Trust.read(trust).seen().orElseThrow().sequence()).isEqualTo(7);
    }

    @Test
    void takesTheSameBundleAgain() throws Exception {
        Path first = load(bundle).place();

        assertThat(load(bundle).place()).isEqualTo(first);
    }

    @Test
    void isAPlainTarWithSumsThatOtherProgramsRead() throws Exception {
        Map<String, byte[]> files = files(bundle);

        assertThat(files.keySet()).startsWith("statement.dsse.json", "release.json", "product.json");
        assertThat(new String(bytes(files, Entry.SUMS), StandardCharsets.UTF_8).lines())
                .contains(Entry.hex(Sha256.of(bytes(files, Entry.RELEASE))) + "  release.json");
    }

    @Test
    void countsASignatureThatIsAddedLater() throws Exception {
        Path one = vendor.bundle("one.bundle", "1.1.0", 8, 0);
        assertThat(refused(one)).isEqualTo(Why.TOO_FEW_SIGNATURES);

        Bundle.sign(one, vendor.key(2));

        assertThat(load(one).bundle().statement().sequence()).isEqualTo(8);
    }

    @Test
    void takesAnOlderReleaseInANewerBundle() throws Exception {
        load(bundle);

        Path back = vendor.bundle("back.bundle", "1.0.0", 8, 0, 1);

        assertThat(load(back).bundle().statement().version()).hasToString("1.0.0");
    }

    // ---- who signed

    @Test
    void refusesTooFewSignaturesAndStrangersAndOneKeyTwice() throws Exception {
        Envelope envelope = envelope(bundle);
        Mark first = envelope.marks().getFirst();
        Vendor stranger = new Vendor(directory);

        assertThat(refused(with(bundle, new Envelope(envelope.payload(), List.of()))))
                .isEqualTo(Why.TOO_FEW_SIGNATURES);
        assertThat(refused(with(bundle, new Envelope(envelope.payload(), List.of(first)))))
                .isEqualTo(Why.TOO_FEW_SIGNATURES);
        assertThat(refused(with(bundle, new Envelope(envelope.payload(), List.of(first, first)))))
                .isEqualTo(Why.REPEATED_SIGNATURE);
        assertThat(refused(with(
                        bundle,
                        new Envelope(envelope.payload(), List.of())
                                .signedBy(stranger.key(0))
                                .signedBy(stranger.key(1)))))
                .isEqualTo(Why.UNKNOWN_KEY);
        assertThat(refused(with(
                        bundle,
                        new Envelope(
                                envelope.payload(),
                                List.of(first, new Mark(vendor.key(1).id(), first.signature()))))))
                .isEqualTo(Why.BAD_SIGNATURE);
        assertThat(refused(with(bundle, new Envelope(envelope.payload(), List.of(first)).signedBy(stranger.key(0)))))
                .isEqualTo(Why.TOO_FEW_SIGNATURES);
    }

    @Test
    void refusesToCountOneKeyTwiceInATrustFile() throws Exception {
        Path pem = Files.writeString(
                directory.resolve("a.pub"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getEncoder()
                                .encodeToString(
                                        vendor.holders.getFirst().getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
        Path copy = Files.copy(pem, directory.resolve("b.pub"));

        assertThat(why(() -> Trust.of(new ProductName("inkwell"), 2, List.of(pem, copy))))
                .isEqualTo(Why.NO_TRUST);
        String key = Trust.read(trust).keys().keySet().iterator().next();
        Files.writeString(trust, Files.readString(trust).replace(key, "0".repeat(64)));
        assertThat(refused(bundle)).isEqualTo(Why.NO_TRUST);
    }

    @Test
    void refusesABundleOfAnotherProduct() throws Exception {
        Trust ours = Trust.read(trust);
        new Trust(new ProductName("orchard"), 2, ours.keys(), Optional.empty()).write(trust);

        assertThat(refused(bundle)).isEqualTo(Why.OTHER_PRODUCT);
    }

    // ---- when, and after what

    @Test
    void refusesWhatIsExpiredAlsoBySettingTheClockBack() throws Exception {
        Instant end = Vendor.NOW.plus(Duration.ofDays(30));
        assertThat(refused(bundle, end)).isEqualTo(Why.EXPIRED);

        Path next = vendor.bundle("next.bundle", "1.1.1", 8, 0, 1);
        Loader.load(request(next), end.minusSeconds(1));
        Trust seen = Trust.read(trust);
        assertThat(seen.seen().orElseThrow().at()).isEqualTo(end.minusSeconds(1));
        seen.having(Bundle.inspect(next).statement(), envelope(next).fingerprint(), end)
                .write(trust);

        assertThat(refused(next, Vendor.NOW)).isEqualTo(Why.EXPIRED);
    }

    @Test
    void refusesAnOlderBundleAndAnotherOfTheSameSequence() throws Exception {
        Path older = vendor.bundle("older.bundle", "1.2.0", 6, 0, 1);
        Path twin = vendor.bundle("twin.bundle", "1.2.0", 7, 0, 1);
        load(bundle);

        assertThat(refused(older)).isEqualTo(Why.OLDER);
        assertThat(refused(twin)).isEqualTo(Why.TWO_OF_ONE_SEQUENCE);
    }

    // ---- what lies in it

    @Test
    void refusesAFileThatIsTakenFromAnotherSignedBundle() throws Exception {
        Map<String, byte[]> mine = files(bundle);
        Map<String, byte[]> others = files(vendor.bundle("other.bundle", "1.3.0", 9, 0, 1));

        for (String name : List.of(Entry.RELEASE, Entry.SUMS, Entry.NOTES)) {
            Map<String, byte[]> mixed = new LinkedHashMap<>(mine);
            mixed.put(name, bytes(others, name));
            assertThat(refused(tar(mixed))).as(name).isIn(Why.WRONG_DIGEST, Why.TOO_LARGE);
        }
        Map<String, byte[]> swapped = new LinkedHashMap<>();
        mine.forEach((name, bytes) -> {
            String other = others.keySet().stream()
                    .filter(n -> n.startsWith(Entry.FILES))
                    .findFirst()
                    .orElseThrow();
            swapped.put(name.startsWith(Entry.FILES) ? other : name, bytes);
        });
        assertThat(refused(tar(swapped))).isEqualTo(Why.NOT_SIGNED_FOR);
        Map<String, byte[]> statement = new LinkedHashMap<>(mine);
        statement.put(Tape.STATEMENT, bytes(others, Tape.STATEMENT));
        assertThat(refused(tar(statement))).isIn(Why.WRONG_DIGEST, Why.TOO_LARGE, Why.NOT_SIGNED_FOR);
    }

    @Test
    void refusesWhatIsAddedTakenOutPutTwiceOrElsewhere() throws Exception {
        Map<String, byte[]> mine = files(bundle);

        for (String gone : mine.keySet()) {
            Map<String, byte[]> less = new LinkedHashMap<>(mine);
            less.remove(gone);
            assertThat(refused(tar(less))).as("without " + gone).isIn(Why.NOT_SIGNED_FOR, Why.MISSING, Why.MALFORMED);
        }
        Map<String, byte[]> more = new LinkedHashMap<>(mine);
        more.put("files/extra", new byte[] {1});
        assertThat(refused(tar(more))).isEqualTo(Why.NOT_SIGNED_FOR);

        byte[] release = bytes(mine, Entry.RELEASE);
        for (String again : List.of(Entry.RELEASE, "RELEASE.JSON")) {
            assertThat(refused(spliced(Tape.header(again, release.length), release)))
                    .isEqualTo(Why.NOT_SIGNED_FOR);
        }
        assertThat(new ArrayList<>(mine.keySet())).contains(Entry.NOTES, Entry.PRODUCT);
        Map<String, byte[]> reordered = new LinkedHashMap<>();
        reordered.put(Tape.STATEMENT, bytes(mine, Tape.STATEMENT));
        reordered.put(Entry.PRODUCT, bytes(mine, Entry.PRODUCT));
        mine.forEach(reordered::putIfAbsent);
        assertThat(refused(tar(reordered))).isEqualTo(Why.NOT_SIGNED_FOR);
    }

    @Test
    void refusesLinksDevicesAndNamesThatLeadOut() throws Exception {
        Map<Byte, Why> kinds = Map.of(
                TarConstants.LF_SYMLINK, Why.LINK,
                TarConstants.LF_LINK, Why.LINK,
                TarConstants.LF_CHR, Why.NO_FILE,
                TarConstants.LF_BLK, Why.NO_FILE,
                TarConstants.LF_FIFO, Why.NO_FILE,
                TarConstants.LF_DIR, Why.NO_FILE,
                TarConstants.LF_GNUTYPE_LONGNAME, Why.NO_FILE,
                TarConstants.LF_PAX_EXTENDED_HEADER_LC, Why.NO_FILE,
                TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER, Why.NO_FILE);
        for (Map.Entry<Byte, Why> kind : kinds.entrySet()) {
            TarArchiveEntry entry = new TarArchiveEntry("release.json", kind.getKey());
            entry.setLinkName("/etc/passwd");
            byte[] header = new byte[BLOCK];
            entry.writeEntryHeader(header);
            assertThat(refused(spliced(header, new byte[0])))
                    .as("kind " + (char) kind.getKey().byteValue())
                    .isEqualTo(kind.getValue());
        }
        for (String name :
                List.of("../release.json", "/etc/passwd", "oci/../../x", "a\\b", "~/x", ".ssh", "a\nb", "a//b")) {
            TarArchiveEntry entry = new TarArchiveEntry(name, true);
            byte[] header = new byte[BLOCK];
            entry.writeEntryHeader(header);
            assertThat(refused(spliced(header, new byte[0]))).as(name).isEqualTo(Why.UNSAFE_NAME);
        }
    }

    @Test
    void refusesSizesBeyondWhatIsSignedAndBeyondAllBundles() throws Exception {
        assertThat(refused(spliced(Tape.header(Entry.RELEASE, Limits.FILE), new byte[10])))
                .isEqualTo(Why.TOO_LARGE);
        byte[] whole = Files.readAllBytes(bundle);
        byte[] huge = Tape.header(Tape.STATEMENT, Limits.STATEMENT + 1L);
        System.arraycopy(huge, 0, whole, 0, BLOCK);
        assertThat(refused(file(whole))).isEqualTo(Why.TOO_LARGE);
        assertThat(catchThrowableOfType(
                        IllegalArgumentException.class,
                        () -> new Entry(Entry.RELEASE, Sha256.of(whole), Limits.DOCUMENT + 1L, "")))
                .hasMessageContaining("at most");
    }

    /** Whoever holds enough keys can still not sign a statement that names other places, or one place twice. */
    @Test
    void refusesSignedStatementsThatNoBundleHas() throws Exception {
        String text = new String(envelope(bundle).payload(), StandardCharsets.UTF_8);
        for (String bad : List.of(
                text.replace("\"notes.md\"", "\"../notes.md\""),
                text.replace("\"notes.md\"", "\"release.json\""),
                text.replace("\"notes.md\"", "\"NOTES.MD\""),
                text.replace("\"sequence\":7", "\"sequence\":-7"),
                text.replace("\"sequence\":7", "\"sequence\":7,\"sequence\":8"),
                text.replace("\"sequence\":7", "\"sequence\": 7"),
                text.replace("\"sequence\":7", "\"sequence\":\"7\""),
                text.replace("\"sequence\":7", "\"sequence\":7,\"zone\":1"),
                text.replace(Statement.PREDICATE, "https://elsewhere.example/v1"),
                text.replaceAll("\"size\":\\d+", "\"size\":99999999999"),
                text + " ")) {
            assertThat(bad).isNotEqualTo(text);
            Envelope signed = new Envelope(bad.getBytes(StandardCharsets.UTF_8), List.of())
                    .signedBy(vendor.key(0))
                    .signedBy(vendor.key(1));
            assertThat(refused(with(bundle, signed))).as(bad).isEqualTo(Why.MALFORMED);
        }
    }

    @Test
    void refusesAFileThatIsCutOffAnywhereOrGoesOn() throws Exception {
        byte[] whole = Files.readAllBytes(bundle);
        for (int length = 0; length < whole.length; length += 97) {
            assertThat(refused(file(Arrays.copyOf(whole, length))))
                    .as("after " + length)
                    .isEqualTo(Why.CUT_OFF);
        }
        assertThat(refused(file(Arrays.copyOf(whole, whole.length + 1)))).isEqualTo(Why.CUT_OFF);
    }

    /** No byte of the file may be another: neither what is signed, nor what only lies around it. */
    @Test
    void refusesAFlippedBitWhereverItIs() throws Exception {
        byte[] whole = Files.readAllBytes(bundle);
        Random random = new Random(4711);
        List<Integer> taken = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            int place = random.nextInt(whole.length);
            byte[] flipped = whole.clone();
            flipped[place] ^= (byte) (1 << random.nextInt(8));
            if (why(() -> Bundle.verify(file(flipped), Trust.read(trust), Vendor.NOW)) == null) {
                taken.add(place);
            }
        }
        assertThat(taken).as("places where a flipped bit was not seen").isEmpty();
    }

    @Test
    void makesNoBundleOfAReleaseThatContradictsItselfOrWhoseFileIsAnother() throws Exception {
        String wrong = vendor.app("1.1.0").replaceAll("sha256:[0-9a-f]{64}", "sha256:" + "0".repeat(64));
        String floating = vendor.app("1.1.0").replaceAll("file:[^\"]*", "oci://127.0.0.1:1/inkwell/app:latest");

        assertThat(why(() -> vendor.bundle("x.bundle", "1.1.0", 9, wrong, new int[] {0})))
                .isEqualTo(Why.NOT_FETCHED);
        assertThat(why(() -> vendor.bundle("x.bundle", "1.1.0", 9, floating, new int[] {0})))
                .isEqualTo(Why.CONTRADICTION);
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(p -> p.getFileName().toString())).noneMatch(name -> name.contains("x.bundle"));
        }
    }

    @Test
    void everyReasonStandsOnTheReferencePage() throws Exception {
        String page = Files.readString(Path.of("../docs/reference/bundle.md"));

        assertThat(Why.values()).allSatisfy(why -> assertThat(page).contains("`" + why.word() + "`"));
    }

    // ---- how it is done

    private Loader.Request request(Path file) {
        return new Loader.Request(file, trust, Optional.empty(), Optional.empty(), directory.resolve("site"));
    }

    private Loader.Loaded load(Path file) throws Exception {
        return Loader.load(request(file), Vendor.NOW);
    }

    private Why refused(Path file) throws Exception {
        return refused(file, Vendor.NOW);
    }

    /** The reason by which verify and load refuse alike; nothing is left of it, and nothing is recorded. */
    private Why refused(Path file, Instant now) throws Exception {
        Path site = Files.createDirectories(directory.resolve("site"));
        List<String> before = names(site);
        byte[] known = Files.readAllBytes(trust);
        Why loading = why(() -> Loader.load(request(file), now));
        assertThat(why(() -> Bundle.verify(file, Trust.read(trust), now))).isEqualTo(loading);
        assertThat(names(site)).isEqualTo(before);
        assertThat(Files.readAllBytes(trust)).isEqualTo(known);
        if (loading == null) {
            throw new AssertionError("it was taken");
        }
        return loading;
    }

    private interface Act {
        Object run() throws Exception;
    }

    private static @org.jspecify.annotations.Nullable Why why(Act act) throws Exception {
        try {
            act.run();
            return null;
        } catch (BundleRefused refused) {
            assertThat(refused.fix()).isNotBlank();
            return refused.why();
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.map(Path::toString).sorted().toList();
        }
    }

    private static Envelope envelope(Path bundle) throws Exception {
        try (InputStream in = Files.newInputStream(bundle)) {
            return Envelope.read(Tape.statement(in));
        }
    }

    /** The bundle with another envelope in front. */
    private Path with(Path bundle, Envelope envelope) throws Exception {
        Map<String, byte[]> files = files(bundle);
        files.put(Tape.STATEMENT, envelope.bytes());
        return tar(files);
    }

    /** The bundle with a header and content of somebody's in the place of the first file. */
    private Path spliced(byte[] header, byte[] content) throws Exception {
        byte[] whole = Files.readAllBytes(bundle);
        int statement = bytes(files(bundle), Tape.STATEMENT).length;
        int first = BLOCK + (statement + BLOCK - 1) / BLOCK * BLOCK;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(whole, 0, first);
        // The first file itself stays, so that a second one of its name follows.
        byte[] release = bytes(files(bundle), Entry.RELEASE);
        if (Arrays.equals(content, release)) {
            int size = BLOCK + (release.length + BLOCK - 1) / BLOCK * BLOCK;
            out.write(whole, first, size);
            first += size;
        }
        out.writeBytes(header);
        out.writeBytes(Arrays.copyOf(content, (content.length + BLOCK - 1) / BLOCK * BLOCK));
        out.write(whole, first, whole.length - first);
        return file(out.toByteArray());
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("changed.bundle"), bytes);
    }

    private Path tar(Map<String, byte[]> files) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> each : files.entrySet()) {
            Tape.write(out, each.getKey(), each.getValue().length, new ByteArrayInputStream(each.getValue()));
        }
        Tape.end(out);
        return file(out.toByteArray());
    }

    /** The files as another program sees them. */
    private static Map<String, byte[]> files(Path bundle) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(Files.newInputStream(bundle))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), in.readAllBytes());
            }
        }
        return files;
    }

    private static byte[] bytes(Map<String, byte[]> files, String name) {
        byte[] bytes = files.get(name);
        if (bytes == null) {
            throw new AssertionError(name + " is not among " + files.keySet());
        }
        return bytes;
    }
}
