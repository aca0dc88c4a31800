package dev.upkeep.contract.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.contract.signature.Parcel.Header;
import dev.upkeep.contract.signature.StepCheck.Refusal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What an executor makes of steps that are not what the planner sent. */
class StepCheckTest {
    private static final String TOPIC = "upkeep.steps";
    private static final KeyPair PLANNER = fresh();
    private static final KeyPair STRANGER = fresh();
    private static final byte[] BODY =
            "{\"tenant\":\"acme\",\"action\":{\"kind\":\"stop\"}}".getBytes(StandardCharsets.UTF_8);

    private static final Parcel SENT = sign(PLANNER, TOPIC, "acme", BODY);

    private final StepCheck check = new StepCheck(List.of(PLANNER.getPublic()));

    @Test
    void takesAStepAsThePlannerSentIt() {
        assertThat(check.refusal(sent())).isEmpty();
    }

    @Test
    void takesAStepWhoseHeadersCameInAnotherOrderAndWithATrace() {
        List<Header> others = new ArrayList<>(sent().headers().reversed());
        others.add(header("traceparent", "00-1-2-01"));

        assertThat(check.refusal(new Parcel(TOPIC, "acme", others, BODY))).isEmpty();
    }

    @TestFactory
    Stream<DynamicTest> refusesWithItsReason() {
        Parcel sent = sent();
        return Stream.of(
                attack("nobody signed", Refusal.UNSIGNED, new Parcel(TOPIC, "acme", bare(), BODY)),
                attack("an empty signature", Refusal.MALFORMED_SIGNATURE, signature(text -> "")),
                attack("a signature without a value", Refusal.MALFORMED_SIGNATURE, withSignature(null)),
                attack("a stranger signed", Refusal.UNKNOWN_KEY, sign(STRANGER, TOPIC, "acme", BODY)),
                attack(
                        "a stranger signed in the planner's name",
                        Refusal.WRONG_SIGNATURE,
                        withSignature((StepSigner.id(PLANNER.getPublic())
                                        + text(sign(STRANGER, TOPIC, "acme", BODY))
                                                .substring(64))
                                .getBytes(StandardCharsets.ISO_8859_1))),
                attack(
                        "another value",
                        Refusal.WRONG_SIGNATURE,
                        new Parcel(TOPIC, "acme", sent.headers(), "{}".getBytes(StandardCharsets.UTF_8))),
                attack("no value", Refusal.WRONG_SIGNATURE, new Parcel(TOPIC, "acme", sent.headers(), null)),
                attack(
                        "an empty value",
                        Refusal.WRONG_SIGNATURE,
                        new Parcel(TOPIC, "acme", sent.headers(), new byte[0])),
                attack("another key", Refusal.WRONG_SIGNATURE, new Parcel(TOPIC, "acme-2", sent.headers(), BODY)),
                attack("no key", Refusal.WRONG_SIGNATURE, new Parcel(TOPIC, null, sent.headers(), BODY)),
                attack(
                        "another topic",
                        Refusal.WRONG_SIGNATURE,
                        new Parcel("upkeep.steps.acme", "acme", sent.headers(), BODY)),
                attack(
                        "a part moved from topic to key",
                        Refusal.WRONG_SIGNATURE,
                        new Parcel("upkeep.step", "sacme", sent.headers(), BODY)),
                attack("another id", Refusal.WRONG_SIGNATURE, header("ce_id", header -> header("ce_id", "u-2:s1:1"))),
                attack(
                        "two headers with each other's values",
                        Refusal.WRONG_SIGNATURE,
                        header(
                                "ce_id",
                                header -> header("ce_id", "planner"),
                                "ce_source",
                                header -> header("ce_source", "u-1:s1:1"))),
                attack("a header less", Refusal.WRONG_SIGNATURE, without("ce_time")),
                attack(
                        "a header without its value",
                        Refusal.WRONG_SIGNATURE,
                        header("ce_time", h -> new Header("ce_time", null))),
                attack("one more header", Refusal.WRONG_SIGNATURE, with(header("ce_subject", "x"))),
                attack("a header that comes twice", Refusal.REPEATED_HEADER, with(header("ce_id", "u-2:s1:1"))),
                attack("two signatures", Refusal.REPEATED_HEADER, with(header(Parcel.SIGNATURE, text(sent)))),
                attack(
                        "a signature that was cut short",
                        Refusal.MALFORMED_SIGNATURE,
                        signature(text -> text.substring(0, text.length() - 1))),
                attack(
                        "a signature with something behind it",
                        Refusal.MALFORMED_SIGNATURE,
                        signature(text -> text + "A")),
                attack("a signature with padding", Refusal.MALFORMED_SIGNATURE, signature(text -> text + "==")),
                attack("a signature with a line's end", Refusal.MALFORMED_SIGNATURE, signature(text -> text + "\n")),
                attack(
                        "a signature in hexadecimal's capitals",
                        Refusal.MALFORMED_SIGNATURE,
                        signature(text -> "A" + text.substring(1))),
                attack(
                        "a signature whose spare bits are used",
                        Refusal.MALFORMED_SIGNATURE,
                        signature(text -> text.substring(0, text.length() - 1) + next(text.charAt(text.length() - 1)))),
                attack(
                        "a signature to whose number the curve's order was added",
                        Refusal.WRONG_SIGNATURE,
                        signature(StepCheckTest::withTheOrderAdded)),
                attack(
                        "a signature that is nothing but zeros",
                        Refusal.WRONG_SIGNATURE,
                        signature(text -> text.substring(0, 65) + "A".repeat(86))));
    }

    @Test
    void refusesAStepInWhichAnyBitFlipped() {
        Random random = new Random(20261128);
        for (int i = 0; i < 1_000; i++) {
            Parcel flipped = flipped(random);
            assertThat(check.refusal(flipped)).as("flip " + i + ": " + flipped).isPresent();
        }
    }

    @Test
    void takesWhatTheOldAndTheNewKeySignedWhileBothAreTrustedAndThenTheNewOneAlone() {
        KeyPair next = fresh();
        Parcel old = sent();
        Parcel young = sign(next, TOPIC, "acme", BODY);

        StepCheck both = new StepCheck(List.of(PLANNER.getPublic(), next.getPublic()));
        StepCheck after = new StepCheck(List.of(next.getPublic()));

        assertThat(check.refusal(young)).contains(Refusal.UNKNOWN_KEY);
        assertThat(both.refusal(old)).isEmpty();
        assertThat(both.refusal(young)).isEmpty();
        assertThat(after.refusal(old)).contains(Refusal.UNKNOWN_KEY);
        assertThat(after.refusal(young)).isEmpty();
    }

    @Test
    void trustsSomebody() {
        assertThatThrownBy(() -> new StepCheck(List.of())).hasMessageContaining("at least one key");
    }

    @Test
    void readsAPublicKeyAsItWasWritten() throws GeneralSecurityException {
        assertThat(Pem.publicKey(Pem.block(Pem.PUBLIC_KEY, PLANNER.getPublic().getEncoded())))
                .isEqualTo(PLANNER.getPublic());
        assertThatThrownBy(() -> Pem.publicKey("nothing")).isInstanceOf(GeneralSecurityException.class);
    }

    private DynamicTest attack(String name, Refusal expected, Parcel parcel) {
        return DynamicTest.dynamicTest(
                name, () -> assertThat(check.refusal(parcel)).contains(expected));
    }

    private static Map<String, String> said() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("ce_specversion", "1.0");
        headers.put("ce_id", "u-1:s1:1");
        headers.put("ce_source", "planner");
        headers.put("ce_type", "dev.upkeep.step-requested.v1");
        headers.put("ce_time", "2026-01-01T00:00:00Z");
        headers.put("content-type", "application/json");
        return headers;
    }

    private static List<Header> bare() {
        return Parcel.of(TOPIC, "acme", said(), BODY).headers();
    }

    private static Parcel sent() {
        return SENT;
    }

    private static Parcel sign(KeyPair pair, String topic, String key, byte[] body) {
        Map<String, String> headers = said();
        headers.put(
                Parcel.SIGNATURE,
                new StepSigner(pair.getPrivate(), pair.getPublic()).sign(Parcel.of(topic, key, headers, body)));
        return Parcel.of(topic, key, headers, body);
    }

    private static Header header(String name, String value) {
        return new Header(name, value.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String text(Parcel parcel) {
        return new String(parcel.signature().orElseThrow(), StandardCharsets.ISO_8859_1);
    }

    private static Parcel signature(UnaryOperator<String> change) {
        return withSignature(change.apply(text(sent())).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Parcel withSignature(byte[] value) {
        return header(Parcel.SIGNATURE, header -> new Header(Parcel.SIGNATURE, value));
    }

    private static Parcel header(String name, UnaryOperator<Header> change) {
        return new Parcel(
                TOPIC,
                "acme",
                sent().headers().stream()
                        .map(header -> header.name().equals(name) ? change.apply(header) : header)
                        .toList(),
                BODY);
    }

    private static Parcel header(
            String one, UnaryOperator<Header> change, String other, UnaryOperator<Header> otherChange) {
        List<Header> headers = new ArrayList<>(header(one, change).headers());
        headers.replaceAll(header -> header.name().equals(other) ? otherChange.apply(header) : header);
        return new Parcel(TOPIC, "acme", headers, BODY);
    }

    private static Parcel with(Header more) {
        List<Header> headers = new ArrayList<>(sent().headers());
        headers.add(more);
        return new Parcel(TOPIC, "acme", headers, BODY);
    }

    private static Parcel without(String name) {
        return new Parcel(
                TOPIC,
                "acme",
                sent().headers().stream()
                        .filter(header -> !header.name().equals(name))
                        .toList(),
                BODY);
    }

    /** The next letter of base64url: 86 of them hold four bits more than a signature has. */
    private static char next(char last) {
        String letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return letters.charAt(letters.indexOf(last) + 1);
    }

    /** Another signature of the same step, which a careless check takes for good. */
    private static String withTheOrderAdded(String text) {
        byte[] signature = Base64.getUrlDecoder().decode(text.substring(65));
        byte[] number = Arrays.copyOfRange(signature, 32, 64);
        BigInteger order = BigInteger.ONE.shiftLeft(252).add(new BigInteger("27742317777372353535851937790883648493"));
        byte[] sum = reversed(new BigInteger(1, reversed(number)).add(order).toByteArray());
        System.arraycopy(sum, 0, signature, 32, 32);
        return text.substring(0, 65) + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[32];
        for (int i = 0; i < Math.min(32, bytes.length); i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    private static Parcel flipped(Random random) {
        Parcel sent = sent();
        int place = random.nextInt(sent.headers().size() + 3);
        if (place == 0) {
            return new Parcel(flip(sent.topic(), random), "acme", sent.headers(), BODY);
        } else if (place == 1) {
            return new Parcel(TOPIC, flip("acme", random), sent.headers(), BODY);
        } else if (place == 2) {
            return new Parcel(TOPIC, "acme", sent.headers(), flip(BODY, random));
        }
        List<Header> headers = new ArrayList<>(sent.headers());
        Header header = headers.get(place - 3);
        headers.set(
                place - 3,
                random.nextInt(4) == 0
                        ? new Header(flip(header.name(), random), header.value())
                        : new Header(
                                header.name(),
                                flip(Optional.ofNullable(header.value()).orElseThrow(), random)));
        return new Parcel(TOPIC, "acme", headers, BODY);
    }

    private static String flip(String text, Random random) {
        return new String(flip(text.getBytes(StandardCharsets.ISO_8859_1), random), StandardCharsets.ISO_8859_1);
    }

    private static byte[] flip(byte[] bytes, Random random) {
        byte[] flipped = bytes.clone();
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        return flipped;
    }

    private static KeyPair fresh() {
        try {
            return KeyPairGenerator.getInstance(Pem.ALGORITHM).generateKeyPair();
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
