package dev.upkeep.executor.driver.helm;

import dev.upkeep.executor.driver.ApiServer;
import dev.upkeep.executor.driver.Conflict;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The highest token that a release has seen, in a ConfigMap beside it, with notes of what was begun under it.
 *
 * <p>Ordering: each change names the version that it was decided on, so of two attempts the API server takes one, and the
 * other one looks again and finds the token. Helm itself does not look at it: an attempt raises it right before each call of
 * Helm, which then makes the next revision's Secret, and that only one can.
 */
final class Fence {
    static final String TOKEN = "upkeep.dev/token";
    private static final String REVISION = "acting.revision";
    private static final String UNTIL = "acting.until";
    private static final int LOOKS = 20;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final Site site;
    private final ApiServer cluster;

    Fence(Site site, ApiServer cluster) {
        this.site = site;
        this.cluster = cluster;
    }

    static String name(String release) {
        return "upkeep-helm-" + release;
    }

    /** Lets later attempts pass and earlier ones no more. */
    void raise() throws InterruptedException {
        change(UnaryOperator.identity());
    }

    /** Raises it and notes that Helm is about to make a revision, and until when it may be at it. */
    void acting(int revision, Instant until) throws InterruptedException {
        change(notes -> {
            notes.put(REVISION, Integer.toString(revision));
            notes.put(UNTIL, until.toString());
            return notes;
        });
    }

    /** Until when an attempt may be making this revision; nothing if none of Upkeep's has said that it does. */
    Optional<Instant> actingOn(int revision) throws InterruptedException {
        return find().map(ConfigMap::getData)
                .filter(notes -> Integer.toString(revision).equals(notes.get(REVISION)))
                .map(notes -> Instant.parse(notes.get(UNTIL)));
    }

    Optional<String> note(String key) throws InterruptedException {
        return find().map(map -> map.getData().get(key));
    }

    /** Raises it and changes its notes, in one change. */
    void change(UnaryOperator<Map<String, String>> notes) throws InterruptedException {
        for (int look = 1; ; look++) {
            try {
                Optional<ConfigMap> found = find();
                refuseStale(found);
                if (found.isEmpty()) {
                    create(notes.apply(new HashMap<>()));
                    return;
                }
                ConfigMap there = found.get();
                Map<String, String> before = there.getData() == null ? Map.of() : there.getData();
                Map<String, String> after = notes.apply(new HashMap<>(before));
                if (token(there) != site.token().value() || !after.equals(before)) {
                    update(there, after);
                }
                return;
            } catch (Conflict somebodyWasFaster) {
                if (look >= LOOKS || site.work().left().isZero()) {
                    throw new Refused(Failed.retryable(
                            Failure.CHANGED_MEANWHILE,
                            "configmap/" + name(site.release()) + " was changed by somebody else each of the " + look
                                    + " times that it was looked at",
                            "Find out what keeps changing it"));
                }
                site.work().pause(BETWEEN_LOOKS);
            }
        }
    }

    /** Refuses an attempt that has been overtaken; changes nothing. */
    void check() throws InterruptedException {
        refuseStale(find());
    }

    private void refuseStale(Optional<ConfigMap> found) {
        long highest = found.map(Fence::token).orElse(0L);
        if (highest > site.token().value()) {
            throw new Refused(Failed.forGood(
                    Failure.STALE_TOKEN,
                    "token " + site.token() + " is lower than " + highest + ", the highest that " + site.called()
                            + " has seen",
                    "Nothing to do: a later attempt has taken over"));
        }
    }

    private static long token(ConfigMap map) {
        String text = map.getMetadata().getAnnotations().get(TOKEN);
        return text == null ? 0 : Long.parseLong(text);
    }

    private Optional<ConfigMap> find() throws InterruptedException {
        return cluster.ask(
                "read configmap/" + name(site.release()),
                () -> Optional.ofNullable(cluster.client()
                        .configMaps()
                        .inNamespace(site.namespace())
                        .withName(name(site.release()))
                        .get()));
    }

    private void create(Map<String, String> notes) throws InterruptedException {
        ConfigMap made = new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name(site.release()))
                .withNamespace(site.namespace())
                .addToAnnotations(TOKEN, site.token().toString())
                .endMetadata()
                .withData(notes)
                .build();
        cluster.ask(
                "create configmap/" + name(site.release()),
                () -> cluster.client()
                        .resource(made)
                        .inNamespace(site.namespace())
                        .create());
    }

    private void update(ConfigMap there, Map<String, String> notes) throws InterruptedException {
        ConfigMap changed = new ConfigMapBuilder(there)
                .editMetadata()
                .addToAnnotations(TOKEN, site.token().toString())
                .endMetadata()
                .withData(notes)
                .build();
        cluster.ask(
                "change configmap/" + name(site.release()),
                () -> cluster.client()
                        .resource(changed)
                        .inNamespace(site.namespace())
                        .lockResourceVersion(there.getMetadata().getResourceVersion())
                        .update());
    }
}
