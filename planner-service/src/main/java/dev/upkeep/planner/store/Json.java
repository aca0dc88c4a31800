package dev.upkeep.planner.store;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.upkeep.contract.step.Words;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.core.Statement;
import dev.upkeep.planner.core.Try;
import java.util.List;
import java.util.stream.Stream;

/** How the core's records are written into columns, and shown. */
public final class Json {
    private static final ObjectMapper MAPPER = mapper();

    private Json() {}

    /** The mapper, for answers that show the core's records. */
    public static ObjectMapper shared() {
        return MAPPER;
    }

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("can't write " + value.getClass().getSimpleName(), bug);
        }
    }

    static <T> T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("a stored " + type.getSimpleName() + " can't be read", bug);
        }
    }

    static <T> T read(String json, TypeReference<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("a stored " + type.getType() + " can't be read", bug);
        }
    }

    private static ObjectMapper mapper() {
        SimpleModule words = new SimpleModule("upkeep-planner");
        for (Class<?> family : List.of(State.class, Try.class, Product.ProbeTemplate.class, Statement.class)) {
            words.setMixInAnnotation(family, ByKind.class);
            leaves(family).forEach(kase -> words.registerSubtypes(new NamedType(kase, Words.of(kase))));
        }
        ObjectMapper mapper = Wire.json().registerModule(words);
        // What an earlier minor wrote lacks what was added since; on the wire that would be a fault, here it is the
        // past.
        mapper.disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
        // Only what a record consists of is written, never what it can be asked.
        mapper.setVisibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE);
        return mapper;
    }

    private static Stream<Class<?>> leaves(Class<?> family) {
        return family.isSealed() ? Stream.of(family.getPermittedSubclasses()).flatMap(Json::leaves) : Stream.of(family);
    }

    /** A case of a family says which it is. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    private interface ByKind {}
}
