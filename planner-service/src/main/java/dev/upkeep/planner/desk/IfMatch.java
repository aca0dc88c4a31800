package dev.upkeep.planner.desk;

import java.util.Objects;
import java.util.Optional;

/** What a change expects to find: so that nobody decides on what somebody else has changed meanwhile. */
public sealed interface IfMatch {
    /** Whatever is there, or nothing. */
    record Whatever() implements IfMatch {}

    /** That there is something. */
    record Something() implements IfMatch {}

    /** What whoever changes it has read. */
    record Read(String tag) implements IfMatch {
        public Read {
            Objects.requireNonNull(tag, "tag");
        }
    }

    /** Compares with what is there; to be asked in the transaction that makes the change, under the row's lock. */
    default void check(Optional<Long> revision) {
        boolean holds = switch (this) {
            case Whatever w -> true;
            case Something s -> revision.isPresent();
            case Read(var tag) ->
                revision.map(r -> Long.toString(r)).filter(tag::equals).isPresent();
        };
        if (!holds) {
            throw Declined.because(
                    412,
                    "changed-meanwhile",
                    "/If-Match",
                    revision.map(r -> "it is at revision " + r).orElse("there is none")
                            + (this instanceof Read(var tag) ? ", and not at " + tag : ""),
                    "read it again and repeat your change on what you find");
        }
    }

    /** The same, of what is there. */
    default void check(long revision) {
        check(Optional.of(revision));
    }
}
