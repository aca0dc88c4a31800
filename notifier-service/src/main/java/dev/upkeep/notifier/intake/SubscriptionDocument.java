package dev.upkeep.notifier.intake;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.LifecycleEvent;
import dev.upkeep.contract.step.Words;
import dev.upkeep.notifier.channel.Channel;
import dev.upkeep.notifier.channel.Channels;
import dev.upkeep.notifier.core.ChannelName;
import dev.upkeep.notifier.core.Subscription;
import dev.upkeep.notifier.intake.Problem.Mistake;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a subscription as somebody wrote it, and names every mistake in it at once. */
final class SubscriptionDocument {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    private static final List<String> KEYS =
            List.of("id", "channel", "to", "product", "tenant", "account", "events", "revision");
    private static final String ID = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";

    /** The words of all lifecycle events, in alphabetical order. */
    static final Set<String> EVENTS = events();

    private final Channels channels;
    private final List<Mistake> mistakes = new ArrayList<>();

    private SubscriptionDocument(Channels channels) {
        this.channels = channels;
    }

    /** The subscription, or everything that is wrong with it. */
    static Reading read(String id, String body, Channels channels) {
        return new SubscriptionDocument(channels).read(id, body);
    }

    private Reading read(String id, String body) {
        JsonNode document;
        try {
            document = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return new Wrong(
                    List.of(new Mistake("", "this is no JSON: " + e.getOriginalMessage(), "send one JSON object")));
        }
        if (document == null || !document.isObject()) {
            return new Wrong(List.of(new Mistake("", "this is no JSON object", "send one JSON object")));
        }
        document.fieldNames().forEachRemaining(key -> {
            if (!KEYS.contains(key)) {
                wrong("/" + key.replace("~", "~0").replace("/", "~1"), "this key is not known", "use only " + KEYS);
            }
        });
        if (!id.matches(ID)) {
            wrong(
                    "/id",
                    "'" + id + "' is not allowed as an id",
                    "use 1 to 63 lower-case letters, digits or inner hyphens");
        }
        String within = text(document, "id");
        if (within != null && !within.equals(id)) {
            wrong("/id", "'" + within + "' is not what the path says", "leave it out, or make both the same");
        }
        Optional<ChannelName> channel = channel(document);
        String to = text(document, "to");
        if (to == null || to.isBlank()) {
            wrong("/to", "nobody is named", "give a mail address, or a webhook's URL or reference");
        } else if (channel.isPresent()) {
            for (Channel.Refusal refusal : channels.of(channel.get()).check(to)) {
                wrong("/to", refusal.detail(), refusal.fix());
            }
        }
        ProductName product = name(document, "product", ProductName::new);
        TenantId tenant = name(document, "tenant", TenantId::new);
        AccountId account = name(document, "account", AccountId::new);
        Set<String> events = events(document);
        return mistakes.isEmpty()
                ? new Right(new Subscription(
                        id,
                        channel.orElseThrow(),
                        Objects.requireNonNull(to).strip(),
                        product,
                        tenant,
                        account,
                        events))
                : new Wrong(mistakes);
    }

    private Optional<ChannelName> channel(JsonNode document) {
        String word = text(document, "channel");
        Optional<ChannelName> channel = word == null ? Optional.empty() : ChannelName.of(word);
        if (channel.isEmpty()) {
            wrong(
                    "/channel",
                    word == null ? "no channel is named" : "'" + word + "' is no channel",
                    "use one of "
                            + Arrays.stream(ChannelName.values())
                                    .map(ChannelName::word)
                                    .toList());
        }
        return channel;
    }

    private Set<String> events(JsonNode document) {
        JsonNode given = document.path("events");
        if (given.isMissingNode()
                || given.isNull()
                || given.isTextual() && given.asText().equals("all")) {
            return Set.of();
        }
        if (!given.isArray()) {
            wrong("/events", "this is no list", "give a list of events, or all");
            return Set.of();
        }
        Set<String> events = new LinkedHashSet<>();
        for (int i = 0; i < given.size(); i++) {
            JsonNode event = given.get(i);
            if (event.isTextual() && EVENTS.contains(event.asText())) {
                events.add(event.asText());
            } else {
                wrong(
                        "/events/" + i,
                        event + " is no event",
                        "use one of " + EVENTS + ", or say all instead of a list");
            }
        }
        if (given.isEmpty()) {
            wrong("/events", "the list is empty", "name at least one event, or say all");
        }
        return events;
    }

    private <T> @Nullable T name(JsonNode document, String key, Function<String, T> read) {
        String text = text(document, key);
        if (text == null) {
            return null;
        }
        try {
            return read.apply(text);
        } catch (IllegalArgumentException e) {
            wrong(
                    "/" + key,
                    String.valueOf(e.getMessage()),
                    "give the name as it is registered, or leave it out for all");
            return null;
        }
    }

    private @Nullable String text(JsonNode document, String key) {
        JsonNode given = document.path(key);
        if (given.isMissingNode() || given.isNull()) {
            return null;
        }
        if (!given.isTextual()) {
            wrong("/" + key, "this is no text", "put it in quotes");
            return null;
        }
        return given.asText();
    }

    private void wrong(String pointer, String detail, String fix) {
        mistakes.add(new Mistake(pointer, detail, fix));
    }

    private static Set<String> events() {
        Set<String> words = new TreeSet<>();
        leaves(LifecycleEvent.class).forEach(kase -> words.add(Words.of(kase)));
        return words;
    }

    private static Stream<Class<?>> leaves(Class<?> family) {
        return family.isSealed()
                ? Stream.of(family.getPermittedSubclasses()).flatMap(SubscriptionDocument::leaves)
                : Stream.of(family);
    }

    /** What came of reading. */
    sealed interface Reading {}

    /** It can be used. */
    record Right(Subscription subscription) implements Reading {}

    /** It can't, for these reasons. */
    record Wrong(List<Mistake> mistakes) implements Reading {
        Wrong {
            mistakes = List.copyOf(mistakes);
        }
    }
}
