package dev.upkeep.contract.signature;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka record as it is sent or as it came, before anything of it is believed.
 *
 * @param topic the one it is in, which need not be the one that it was made for
 */
public record Parcel(String topic, @Nullable String key, List<Header> headers, byte @Nullable [] body) {
    /** The header that holds the signature: the id of its key, a full stop, and base64url without padding. */
    public static final String SIGNATURE = "upkeep-signature";

    /** Nothing else that a key of Upkeep's signs begins like this. */
    private static final String PURPOSE = "upkeep-step-1";

    private static final int ABSENT = -1;

    public Parcel {
        Objects.requireNonNull(topic, "topic");
        headers = List.copyOf(headers);
    }

    /** One header; Kafka lets a name come more than once. */
    public record Header(String name, byte @Nullable [] value) {
        public Header {
            Objects.requireNonNull(name, "name");
        }
    }

    /** A record that is about to be sent, whose header values are sent as Latin-1. */
    public static Parcel of(String topic, @Nullable String key, Map<String, String> headers, byte @Nullable [] body) {
        return new Parcel(
                topic,
                key,
                headers.entrySet().stream()
                        .map(header ->
                                new Header(header.getKey(), header.getValue().getBytes(StandardCharsets.ISO_8859_1)))
                        .toList(),
                body);
    }

    /** Whether a header that is believed comes more than once: which of them is read is anybody's guess. */
    boolean isAmbiguous() {
        List<String> believed = headers.stream()
                .map(Header::name)
                .filter(covered().or(SIGNATURE::equals))
                .toList();
        return believed.size() != believed.stream().distinct().count();
    }

    /** The value of the signature's header; empty if there is none. */
    Optional<byte[]> signature() {
        return headers.stream()
                .filter(header -> header.name().equals(SIGNATURE))
                .findFirst()
                .map(header -> Objects.requireNonNullElse(header.value(), new byte[0]));
    }

    /** The bytes that are signed: no two parcels that mean different things have the same. */
    byte[] signed() {
        List<byte @Nullable []> parts = new ArrayList<>();
        parts.add(utf8(PURPOSE));
        parts.add(utf8(topic));
        parts.add(key == null ? null : utf8(key));
        parts.add(body);
        Map<String, byte @Nullable []> byName = new TreeMap<>();
        headers.stream()
                .filter(header -> covered().test(header.name()))
                .forEach(header -> byName.put(header.name(), header.value()));
        byName.forEach((name, value) -> {
            parts.add(utf8(name));
            parts.add(value);
        });
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .putInt(part == null ? ABSENT : part.length)
                    .array());
            if (part != null) {
                all.writeBytes(part);
            }
        }
        return all.toByteArray();
    }

    /** Those by which a body is read; the others, such as a trace's, may be added on the way. */
    private static Predicate<String> covered() {
        return name -> name.startsWith("ce_") || name.equals("content-type");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
