package dev.upkeep.executor.driver;

import java.util.Map;
import java.util.Objects;

/** What a driver saw when it looked whether a step has been carried out. */
public sealed interface Look {

    /** It has; these are the facts it would have reported. */
    record Done(Map<String, String> found, String summary) implements Look {
        public Done {
            found = Map.copyOf(found);
            Objects.requireNonNull(summary, "summary");
        }
    }

    /** It has not, or not wholly; carrying it out now is safe. */
    record NotDone() implements Look {}

    /** Can't be told. */
    record Unknown(String reason) implements Look {
        public Unknown {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
