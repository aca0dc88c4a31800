package dev.upkeep.messaging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.wire.Wire;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka record as it came, whatever it holds.
 *
 * <p>Header values are bytes; each is kept as the text whose Latin-1 bytes they are, so that none is lost.
 *
 * @param id by which a redelivery is recognised: its event id, or where it lies if it has none that is well-formed
 * @param key as tables may hold it, null if it came without
 * @param place {@code topic-partition@offset}
 */
record Letter(
        String id,
        String topic,
        @Nullable String key,
        String place,
        Map<String, String> headers,
        byte @Nullable [] body) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<LinkedHashMap<String, String>> HEADERS = new TypeReference<>() {};

    static Letter of(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            byte[] value = header.value();
            headers.put(header.key(), value == null ? "" : new String(value, StandardCharsets.ISO_8859_1));
        }
        String place = record.topic() + "-" + record.partition() + "@" + record.offset();
        return new Letter(
                id(headers.get("ce_id"), record),
                record.topic(),
                record.key() == null ? null : storable(record.key()),
                place,
                headers,
                record.value());
    }

    /** Reads the event it holds. */
    Envelope open() throws Wire.Unreadable {
        return Wire.read(headers, body == null ? new byte[0] : body);
    }

    /** Its headers, to be added to; without those that go beyond so many bytes in all, which are counted. */
    Map<String, String> headersWithin(int bytes) {
        Map<String, String> within = new LinkedHashMap<>();
        int left = bytes;
        int dropped = 0;
        for (Map.Entry<String, String> header : headers.entrySet()) {
            // A name may take three bytes a character, a value takes one.
            left -= 3 * header.getKey().length() + header.getValue().length();
            if (left < 0) {
                dropped++;
            } else {
                within.put(header.getKey(), header.getValue());
            }
        }
        if (dropped > 0) {
            within.put("upkeep-dead-headers-dropped", Integer.toString(dropped));
        }
        return within;
    }

    /** The headers as one text for a table. */
    static String write(Map<String, String> headers) {
        try {
            return JSON.writeValueAsString(headers);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("can't write headers", bug);
        }
    }

    /** Reads what {@link #write} wrote. */
    static Map<String, String> read(String headers) {
        try {
            return JSON.readValue(headers, HEADERS);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("can't read headers", bug);
        }
    }

    static @Nullable Buffer buffer(byte @Nullable [] body) {
        return body == null ? null : Buffer.buffer(body);
    }

    /** A column of bytes as the client gives it; nothing if it is null. */
    static byte[] bytes(@Nullable Object column) {
        return switch (column) {
            case null -> new byte[0];
            case Buffer buffer -> buffer.getBytes();
            case byte[] bytes -> bytes;
            default -> throw new IllegalStateException("bytea came as " + column.getClass());
        };
    }

    private static String id(@Nullable String given, ConsumerRecord<String, byte[]> record) {
        if (given != null) {
            try {
                return new EventId(given).value();
            } catch (IllegalArgumentException malformed) {
                // A poison record's id must not reach a table: it may hold what PostgreSQL refuses.
            }
        }
        return record.topic() + ":" + record.partition() + ":" + record.offset();
    }

    /** PostgreSQL's text holds no NUL, and its indexes no very long text. */
    private static String storable(String key) {
        String clean = key.replace('\0', '\uFFFD');
        return clean.length() <= 200 ? clean : clean.substring(0, 150) + "…" + Integer.toHexString(clean.hashCode());
    }
}
