package dev.upkeep.notifier.core;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.LifecycleEvent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One message to one subscriber about one event.
 *
 * @param id made of the event's and the subscription's, so that a repetition has the same
 * @param about the tenant or rollout, as the event's key
 * @param contactOf the account whose contact the subscriber is, where it is one
 */
public record Notice(
        String id,
        EventId cause,
        String about,
        String subscriber,
        ChannelName channel,
        String to,
        Message message,
        Optional<AccountId> contactOf) {
    public Notice {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(about, "about");
        Objects.requireNonNull(subscriber, "subscriber");
        Objects.requireNonNull(channel, "channel");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(contactOf, "contactOf");
    }

    /** The notices that an event gives rise to, one for each subscription that wants it. */
    public static List<Notice> of(Envelope envelope, List<Subscription> subscriptions) {
        if (!(envelope.event() instanceof LifecycleEvent event)) {
            return List.of();
        }
        return subscriptions.stream()
                .filter(subscription -> subscription.wants(event))
                .map(subscription -> new Notice(
                        id(envelope.id(), subscription.id()),
                        envelope.id(),
                        event.key(),
                        subscription.id(),
                        subscription.channel(),
                        subscription.to(),
                        Wording.of(event, envelope.time()),
                        subscription.contactOf(event)))
                .toList();
    }

    private static String id(EventId cause, String subscription) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((cause.value() + "\n" + subscription).getBytes(StandardCharsets.UTF_8));
            return "n-" + HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
