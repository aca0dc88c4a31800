package dev.upkeep.executor.run;

import dev.upkeep.contract.event.ResultEvent;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A ledger that is as durable as a test, and that can be away. */
final class MemoryLedger implements Ledger {
    private final Map<Long, Row> rows = new HashMap<>();
    private final List<ResultEvent> said = new ArrayList<>();
    private final List<Integer> groups = new ArrayList<>();
    private boolean away;

    private static final class Row {
        private final StepRequested request;
        private int claims;
        private boolean claimable = true;
        private boolean ended;
        private boolean superseded;

        Row(StepRequested request, int claims) {
            this.request = request;
            this.claims = claims;
        }
    }

    synchronized void accept(long id, StepRequested request, int claims) {
        rows.put(id, new Row(request, claims));
    }

    synchronized void setAway(boolean away) {
        this.away = away;
    }

    /** As if the lease ran out and another executor took it. */
    synchronized void takenByAnother(long id) {
        rows.get(id).claims++;
    }

    synchronized void supersede(long id) {
        rows.get(id).superseded = true;
    }

    synchronized List<ResultEvent> said() {
        return List.copyOf(said);
    }

    /** How many results each transaction had. */
    synchronized List<Integer> groups() {
        return List.copyOf(groups);
    }

    synchronized boolean claimable(long id) {
        return rows.get(id).claimable;
    }

    @Override
    public synchronized List<Claim> claim(Map<String, Integer> capacity, Duration lease) {
        check();
        List<Claim> claims = new ArrayList<>();
        Map<String, Integer> free = new HashMap<>(capacity);
        rows.forEach((id, row) -> {
            String driver = row.request.target().driver().value();
            if (row.claimable && !row.ended && free.getOrDefault(driver, 0) > 0) {
                free.merge(driver, -1, Integer::sum);
                row.claimable = false;
                row.claims++;
                claims.add(new Claim(id, row.claims, row.request, row.superseded));
            }
        });
        return claims;
    }

    @Override
    public synchronized Map<Claim, Boolean> renew(Map<Claim, String> progress, Duration lease) {
        check();
        Map<Claim, Boolean> held = new HashMap<>();
        progress.keySet().forEach(claim -> {
            if (holds(claim)) {
                held.put(claim, rows.get(claim.id()).superseded);
            }
        });
        return held;
    }

    @Override
    public synchronized List<Claim> end(List<Ended> ended) {
        check();
        List<Claim> ours = new ArrayList<>();
        for (Ended one : ended) {
            if (holds(one.claim())) {
                rows.get(one.claim().id()).ended = true;
                said.add(one.result());
                ours.add(one.claim());
            }
        }
        groups.add(ours.size());
        return ours;
    }

    @Override
    public synchronized void begun(List<Claim> claims) {
        check();
        claims.forEach(claim -> said.add(new ResultEvent.StepStarted(
                claim.request().tenant(),
                claim.request().upgrade(),
                claim.request().step(),
                claim.request().attempt(),
                claim.request().token(),
                "memory")));
    }

    @Override
    public synchronized void release(List<Claim> claims) {
        check();
        claims.stream().filter(this::holds).forEach(claim -> rows.get(claim.id()).claimable = true);
    }

    private boolean holds(Claim claim) {
        Row row = rows.get(claim.id());
        return row.claims == claim.claims() && !row.ended;
    }

    private void check() {
        if (away) {
            throw new IllegalStateException("the database is away");
        }
    }
}
