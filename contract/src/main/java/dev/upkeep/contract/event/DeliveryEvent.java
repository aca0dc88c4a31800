package dev.upkeep.contract.event;

import dev.upkeep.contract.EventId;
import java.util.Objects;

/** What became of notices; keyed by the aggregate the notice was about. */
public sealed interface DeliveryEvent extends Event {
    /** The id of the tenant or rollout that the notice was about. */
    String about();

    @Override
    default String key() {
        return about();
    }

    /**
     * The channel's far end accepted a notice.
     *
     * @param notice its id, the same at every repetition
     * @param cause the lifecycle event it tells of
     * @param channel {@code mail} or {@code slack}
     * @param subscriber the subscription's id; addresses do not travel
     */
    record NoticeDelivered(String about, String notice, EventId cause, String channel, String subscriber, int attempt)
            implements DeliveryEvent {
        public NoticeDelivered {
            Objects.requireNonNull(about, "about");
            Objects.requireNonNull(notice, "notice");
            Objects.requireNonNull(cause, "cause");
            Objects.requireNonNull(channel, "channel");
            Objects.requireNonNull(subscriber, "subscriber");
        }
    }

    /** The far end refused it for good, or all attempts failed. */
    record NoticeFailed(
            String about, String notice, EventId cause, String channel, String subscriber, int attempt, String reason)
            implements DeliveryEvent {
        public NoticeFailed {
            Objects.requireNonNull(about, "about");
            Objects.requireNonNull(notice, "notice");
            Objects.requireNonNull(cause, "cause");
            Objects.requireNonNull(channel, "channel");
            Objects.requireNonNull(subscriber, "subscriber");
            Objects.requireNonNull(reason, "reason");
        }
    }
}
