package dev.upkeep.contract.event;

/** The Kafka topics, each a family of events. */
public enum Topic {
    /** Planner to executor: carry out a step. */
    STEPS("upkeep.steps"),
    /** Executor to planner: what came of it. */
    RESULTS("upkeep.results"),
    /** Planner to verifier: watch a tenant and judge. */
    BAKES("upkeep.bakes"),
    /** Verifier to planner: the judgement. */
    VERDICTS("upkeep.verdicts"),
    /** Anybody to verifier: one health, version or metric reading. */
    OBSERVATIONS("upkeep.observations"),
    /** Planner to notifier: what happens to tenants. */
    LIFECYCLE("upkeep.lifecycle"),
    /** Notifier to planner: which notices reached somebody. */
    DELIVERIES("upkeep.deliveries"),
    /** Any consumer to planner: a key's records are parked behind one that can't be processed. */
    PARKED("upkeep.parked");

    /** Where records go that can't be processed: the record as it came, with headers that say why. */
    public static final String DEAD_LETTERS = "upkeep.dead-letters";

    private final String address;

    Topic(String address) {
        this.address = address;
    }

    /** The topic's name in Kafka. */
    public String address() {
        return address;
    }
}
