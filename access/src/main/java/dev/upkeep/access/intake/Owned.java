package dev.upkeep.access.intake;

import jakarta.ws.rs.core.UriInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * A thing of some account that a path names, such as {@code tenant} {@code acme}.
 *
 * @param kind the path's parameter, which is also the word for the thing
 */
record Owned(String kind, String name) {
    /** The parameters that name what belongs to an account; an endpoint that names one calls it so. */
    private static final List<String> KINDS = List.of("account", "tenant", "upgrade");

    /** Everything of this sort in a request's path. */
    static List<Owned> in(UriInfo uri) {
        List<Owned> named = new ArrayList<>();
        for (String kind : KINDS) {
            for (String name : uri.getPathParameters().getOrDefault(kind, List.of())) {
                named.add(new Owned(kind, name));
            }
        }
        return named;
    }

    /** What a customer is told of a thing that is not its own, whether it exists or not. */
    Problem absent() {
        return Problem.of(
                404,
                "not-found",
                "/" + kind,
                "there is no " + kind + " '" + name + "'",
                "use the name of one of your own");
    }
}
