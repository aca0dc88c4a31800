package dev.upkeep.access.intake;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.ws.rs.WebApplicationException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list.
 *
 * @param next what to pass on as {@code cursor} for the page after it; null if this was the last
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Page<T>(List<T> items, @Nullable String next) {
    /** How many items a page has at most, and unless told. */
    public static final int MOST = 500;

    private static final int USUAL = 100;

    public Page {
        items = List.copyOf(items);
    }

    /** A page of what was found when so many were asked for: a full one may have others after it. */
    public static <T> Page<T> of(List<T> found, int limit, Function<T, String> cursor) {
        return new Page<>(found, found.size() < limit ? null : cursor.apply(found.getLast()));
    }

    /** The parameter {@code limit}, 1 to {@value #MOST}; refused with 400 if it is anything else. */
    public static int limit(@Nullable String text) {
        if (text == null) {
            return USUAL;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MOST) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // Told below, as any other limit that is out of bounds.
        }
        throw refused("limit", "'" + text + "' is not allowed", "use a number from 1 to " + MOST);
    }

    /** A cursor that no page of this list gave. */
    public static WebApplicationException noCursor(String text) {
        return refused("cursor", "'" + text + "' is no cursor of this list", "pass on what next was, or leave it out");
    }

    /** Refuses a parameter with 400. */
    public static WebApplicationException refused(String parameter, String detail, String fix) {
        return new WebApplicationException(Problem.of(400, parameter + "-invalid", "/" + parameter, detail, fix)
                .response());
    }
}
