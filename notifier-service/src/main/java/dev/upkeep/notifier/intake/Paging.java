package dev.upkeep.notifier.intake;

import dev.upkeep.notifier.intake.Problem.Mistake;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.function.IntFunction;

/** How long a page may be. */
final class Paging {
    private static final int MOST = 500;

    private Paging() {}

    /** Answers with a page of that many, or refuses the number. */
    static Uni<Response> of(String limit, IntFunction<Uni<Response>> page) {
        int most = limit.matches("\\d{1,4}") ? Integer.parseInt(limit) : 0;
        return most >= 1 && most <= MOST
                ? page.apply(most)
                : Uni.createFrom()
                        .item(Problem.of(
                                        400,
                                        "limit-invalid",
                                        "limit '" + limit + "' is not allowed",
                                        List.of(new Mistake(
                                                "/limit",
                                                "'" + limit + "' is not allowed",
                                                "use a number from 1 to " + MOST)))
                                .response());
    }
}
