package dev.upkeep.contract.event;

/** Something one service says to another; its family decides the topic, its key the order. */
public sealed interface Event
        permits StepEvent,
                ResultEvent,
                BakeEvent,
                VerdictEvent,
                ObservationEvent,
                LifecycleEvent,
                DeliveryEvent,
                ParkedEvent {

    /** The id of the aggregate it is about, the Kafka key: events with one key are processed in order. */
    String key();

    /** Where it is sent. */
    default Topic topic() {
        return switch (this) {
            case StepEvent e -> Topic.STEPS;
            case ResultEvent e -> Topic.RESULTS;
            case BakeEvent e -> Topic.BAKES;
            case VerdictEvent e -> Topic.VERDICTS;
            case ObservationEvent e -> Topic.OBSERVATIONS;
            case LifecycleEvent e -> Topic.LIFECYCLE;
            case DeliveryEvent e -> Topic.DELIVERIES;
            case ParkedEvent e -> Topic.PARKED;
        };
    }
}
