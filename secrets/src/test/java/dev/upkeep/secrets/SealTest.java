package dev.upkeep.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SealTest {
    private static final int SEGMENT = 1 << 20;
    private static final SealKey KEY = SealKey.of(SealKey.fresh());
    private static final byte[] PLAIN = plain();

    private static byte[] plain() {
        byte[] plain = new byte[3 * SEGMENT + 777];
        new Random(7).nextBytes(plain);
        return plain;
    }

    private static byte[] sealed(byte[] plain) throws IOException {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = Seal.onto(sealed, KEY, "acme/u1")) {
            out.write(plain);
        }
        return sealed.toByteArray();
    }

    private static byte[] opened(byte[] sealed, String name, SealKey... keys) throws IOException {
        Map<String, SealKey> byId = new java.util.HashMap<>();
        Arrays.asList(keys).forEach(key -> byId.put(key.id(), key));
        try (InputStream in =
                Seal.opened(new ByteArrayInputStream(sealed), id -> Optional.ofNullable(byId.get(id)), name)) {
            return in.readAllBytes();
        }
    }

    private static void refused(byte[] sealed) {
        assertThatThrownBy(() -> opened(sealed, "acme/u1", KEY)).isInstanceOf(Seal.Broken.class);
    }

    @Test
    void givesBackWhatWasSealedAndShowsNoneOfIt() throws IOException {
        for (int length : new int[] {0, 1, SEGMENT, PLAIN.length}) {
            byte[] plain = Arrays.copyOf(PLAIN, length);
            assertThat(opened(sealed(plain), "acme/u1", KEY)).isEqualTo(plain);
        }
        assertThat(new String(sealed("a-secret-row".getBytes(StandardCharsets.UTF_8)), StandardCharsets.ISO_8859_1))
                .startsWith("UPKSEAL1" + KEY.id())
                .doesNotContain("secret");
    }

    @Test
    void refusesAFlippedBitWhereverItIs() throws IOException {
        byte[] sealed = sealed(PLAIN);
        for (int at : new int[] {0, 30, 60, 100, SEGMENT + 5, 2 * SEGMENT + 99, sealed.length - 1}) {
            byte[] flipped = sealed.clone();
            flipped[at] ^= 1;
            refused(flipped);
        }
    }

    @Test
    void refusesWhatWasCutAlsoWhereASegmentEnds() throws IOException {
        byte[] sealed = sealed(PLAIN);
        // Tink's head is part of the first segment, ours comes before it.
        int firstSegmentEnds = 8 + 16 + SEGMENT;
        for (int length : new int[] {0, 10, 24, 40, firstSegmentEnds, firstSegmentEnds + SEGMENT, sealed.length - 1}) {
            refused(Arrays.copyOf(sealed, length));
        }
        refused(Arrays.copyOf(sealed, sealed.length + 1));
    }

    @Test
    void refusesSegmentsInAnotherOrder() throws IOException {
        byte[] sealed = sealed(PLAIN);
        int second = 24 + SEGMENT;
        byte[] swapped = sealed.clone();
        System.arraycopy(sealed, second, swapped, second + SEGMENT, SEGMENT);
        System.arraycopy(sealed, second + SEGMENT, swapped, second, SEGMENT);
        refused(swapped);
    }

    @Test
    void refusesAnothersNameAndWhatIsNotSealed() throws IOException {
        byte[] sealed = sealed(PLAIN);
        assertThatThrownBy(() -> opened(sealed, "globex/u1", KEY)).isInstanceOf(Seal.Broken.class);
        refused("PGDMP, and so on, in clear".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void namesAKeyThatIsMissingAndRefusesAnotherOneUnderItsId() throws IOException {
        byte[] sealed = sealed(PLAIN);
        SealKey other = SealKey.of(SealKey.fresh());

        Seal.KeyMissing missing = catchThrowableOfType(Seal.KeyMissing.class, () -> opened(sealed, "acme/u1", other));

        assertThat(missing.id()).isEqualTo(KEY.id()).isNotEqualTo(other.id());
        byte[] claims = sealed.clone();
        System.arraycopy(other.id().getBytes(StandardCharsets.US_ASCII), 0, claims, 8, 16);
        assertThatThrownBy(() -> opened(claims, "acme/u1", other)).isInstanceOf(Seal.Broken.class);
    }

    @Test
    void opensWithAnOldKeyWhatWasSealedBeforeTheRotation() throws IOException {
        assertThat(opened(sealed(PLAIN), "acme/u1", SealKey.of(SealKey.fresh()), KEY))
                .isEqualTo(PLAIN);
    }

    @Test
    void refusesAKeyThatIsNoneWithoutQuotingIt() {
        assertThatThrownBy(() -> SealKey.of("hunter2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("hunter2");
        assertThat(KEY).hasToString("SealKey[" + KEY.id() + "]");
    }
}
