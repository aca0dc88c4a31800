package dev.upkeep.contract.wire;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.Probe;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Words;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes envelopes as Kafka headers and a JSON body, and reads them back.
 *
 * <p>Headers are those of the CloudEvents Kafka binding in binary mode: {@code ce_specversion}, {@code ce_id},
 * {@code ce_source}, {@code ce_type}, {@code ce_time}, {@code content-type}. A body may have members that this
 * version does not know (services one minor apart work together); a type, an action or a verdict it does not know is
 * refused.
 */
public final class Wire {
    private static final String PREFIX = "dev.upkeep.";
    private static final String GENERATION = ".v1";
    private static final List<Class<? extends Record>> TEXTS = List.of(
            AccountId.class,
            ComponentName.class,
            Digest.class,
            DriverName.class,
            EventId.class,
            ProductName.class,
            RingName.class,
            RolloutId.class,
            SchemaFingerprint.class,
            StepId.class,
            TenantId.class,
            UpgradeId.class);

    private static final Map<String, Class<?>> TYPES = types();
    private static final ObjectMapper JSON = mapper();

    private Wire() {}

    /** A mapper with the contract's rules, for what a service keeps or shows of the contract's records as JSON. */
    public static ObjectMapper json() {
        return JSON.copy();
    }

    /** The CloudEvents types of every event there is, in alphabetical order. */
    public static List<String> eventTypes() {
        return List.copyOf(TYPES.keySet());
    }

    /** The CloudEvents type of an event, such as {@code dev.upkeep.step-requested.v1}. */
    public static String type(Event event) {
        return type(event.getClass());
    }

    /** The CloudEvents attributes of an envelope, by header name, in the order they are written. */
    public static Map<String, String> headers(Envelope envelope) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("ce_specversion", "1.0");
        headers.put("ce_id", envelope.id().value());
        headers.put("ce_source", envelope.source());
        headers.put("ce_type", type(envelope.event()));
        headers.put("ce_time", envelope.time().toString());
        headers.put("content-type", "application/json");
        return headers;
    }

    /** The JSON body of an event, in UTF-8. */
    public static byte[] body(Event event) {
        try {
            return JSON.writeValueAsBytes(event);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("can't write " + type(event), bug);
        }
    }

    /**
     * Reads what {@link #headers} and {@link #body} wrote.
     *
     * @throws Unreadable naming the header or the place in the body, if it is anything else
     */
    public static Envelope read(Map<String, String> headers, byte[] body) throws Unreadable {
        String type = header(headers, "ce_type");
        Class<?> kase = TYPES.get(type);
        if (kase == null) {
            throw new Unreadable("header ce_type: unknown type '" + type + "'", null);
        }
        try {
            Instant time = Instant.parse(header(headers, "ce_time"));
            EventId id = new EventId(header(headers, "ce_id"));
            Object event = JSON.readValue(body, kase);
            if (event == null) {
                throw new Unreadable("body of " + type + " is null", null);
            }
            return new Envelope(id, header(headers, "ce_source"), time, (Event) event);
        } catch (DateTimeParseException e) {
            throw new Unreadable("header ce_time: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new Unreadable("headers of " + type + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new Unreadable("body of " + type + ": " + e.getMessage(), e);
        }
    }

    private static String header(Map<String, String> headers, String name) throws Unreadable {
        String value = headers.get(name);
        if (value == null) {
            throw new Unreadable("header " + name + " is missing", null);
        }
        return value;
    }

    private static String type(Class<?> kase) {
        return PREFIX + Words.of(kase) + GENERATION;
    }

    private static Map<String, Class<?>> types() {
        Map<String, Class<?>> types = new TreeMap<>();
        leaves(Event.class).forEach(kase -> types.put(type(kase), kase));
        return types;
    }

    private static Stream<Class<?>> leaves(Class<?> family) {
        return family.isSealed() ? Stream.of(family.getPermittedSubclasses()).flatMap(Wire::leaves) : Stream.of(family);
    }

    private static ObjectMapper mapper() {
        SimpleModule words = new SimpleModule("upkeep-contract");
        TEXTS.forEach(text -> words.setMixInAnnotation(text, AsText.class));
        words.setMixInAnnotation(Token.class, AsNumber.class);
        words.setMixInAnnotation(Version.class, AsVersion.class);
        words.setMixInAnnotation(Migration.class, WithTraits.class);
        for (Class<?> family : List.of(Action.class, Probe.class, Verdict.class)) {
            words.setMixInAnnotation(family, ByKind.class);
            leaves(family).forEach(kase -> words.registerSubtypes(new NamedType(kase, Words.of(kase))));
        }
        return JsonMapper.builder()
                .addModule(new Jdk8Module())
                .addModule(new JavaTimeModule())
                .addModule(words)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.ALWAYS))
                .build();
    }

    /** An identity is a bare string. */
    private abstract static class AsText {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        AsText(@SuppressWarnings("unused") String value) {}

        @JsonValue
        abstract String value();
    }

    /** A token is a bare number. */
    private abstract static class AsNumber {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        AsNumber(@SuppressWarnings("unused") long value) {}

        @JsonValue
        abstract long value();
    }

    /** A version is a bare string. */
    private abstract static class AsVersion {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static Version of(@SuppressWarnings("unused") String text) {
            throw new AssertionError("a mix-in is never called");
        }

        @JsonValue
        @Override
        public abstract String toString();
    }

    /** What came after the first generation is left out where it says nothing, as those who wrote before did. */
    private abstract static class WithTraits {
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonSetter(nulls = Nulls.AS_EMPTY)
        abstract Set<Migration.Trait> traits();
    }

    /** A case of a family says which it is. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    private interface ByKind {}

    /** A record that is no event of ours; its message says why, for the dead letter. */
    public static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String message, @org.jspecify.annotations.Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The body as text, for logs and dead letters. */
    public static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }
}
