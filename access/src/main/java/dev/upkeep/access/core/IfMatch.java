package dev.upkeep.access.core;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a change expects to find, so that nobody decides on what somebody else has changed meanwhile: the header
 * {@code If-Match} of RFC 9110, its tags being the revisions of what is changed.
 */
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

    /** An entity tag, its quotes around it. */
    Pattern ETAG = Pattern.compile("\"[^\"]*\"");

    /**
     * Reads the header; a tag that can't be one of ours is none that is there.
     *
     * @throws IllegalArgumentException if it is no entity tag; the message says so
     */
    static IfMatch of(@Nullable String header) {
        if (header == null) {
            return new Whatever();
        }
        // A proxy that compresses makes a tag weak: it still is the one that was read.
        String tag = header.strip().startsWith("W/") ? header.strip().substring(2) : header.strip();
        if (tag.equals("*")) {
            return new Something();
        }
        if (!ETAG.matcher(tag).matches()) {
            throw new IllegalArgumentException("'" + header + "' is no ETag");
        }
        return new Read(tag.substring(1, tag.length() - 1));
    }

    /** Whether what is there is what was expected; to be asked in the transaction of the change, under the row's lock. */
    default boolean holds(Optional<Long> revision) {
        return switch (this) {
            case Whatever w -> true;
            case Something s -> revision.isPresent();
            case Read(var tag) ->
                revision.map(r -> Long.toString(r)).filter(tag::equals).isPresent();
        };
    }
}
