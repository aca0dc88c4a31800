package dev.upkeep.planner.intake;

import dev.upkeep.planner.core.Stated;
import dev.upkeep.planner.core.Statement;
import dev.upkeep.planner.desk.AccountDesk;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How delays are shown. */
final class Delays {
    private Delays() {}

    static Map<String, Object> shown(List<AccountDesk.Postponed> postponed) {
        return Answers.page(postponed.stream().map(Delays::shown).toList(), null);
    }

    private static Map<String, Object> shown(AccountDesk.Postponed one) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("tenant", one.tenant().tenant().id().value());
        shown.put("product", one.tenant().tenant().product().value());
        shown.put("zone", one.tenant().tenant().zone().getId());
        one.delay().ifPresent(delay -> put(shown, one, delay));
        one.latest().ifPresent(latest -> shown.put("latestPossible", latest.toString()));
        return shown;
    }

    private static void put(Map<String, Object> shown, AccountDesk.Postponed one, Stated stated) {
        if (stated.what() instanceof Statement.Delay delay) {
            shown.put(
                    "until",
                    delay.until()
                            .atZone(one.tenant().tenant().zone())
                            .toLocalDate()
                            .toString());
            shown.put("endsAt", delay.until().toString());
            delay.postpones().ifPresent(version -> shown.put("postpones", version.toString()));
            shown.put("by", stated.by());
        }
    }
}
