package dev.upkeep.executor.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.ResultEvent;
import dev.upkeep.contract.event.ResultEvent.StepFailed;
import dev.upkeep.contract.event.ResultEvent.StepStarted;
import dev.upkeep.contract.event.ResultEvent.StepSucceeded;
import dev.upkeep.contract.event.ResultEvent.StepUncertain;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.executor.core.Admission;
import dev.upkeep.executor.core.Answers;
import dev.upkeep.executor.run.Claim;
import dev.upkeep.executor.run.Ended;
import dev.upkeep.executor.run.Ledger;
import dev.upkeep.executor.run.Settings;
import dev.upkeep.messaging.Outbox;
import dev.upkeep.messaging.Sql;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

/** Step runs, leases and tokens in PostgreSQL, a batch a statement. */
@ApplicationScoped
public class StepRuns implements Ledger {
    private static final String HIGHEST = """
            select tenant, token from tenant_token where tenant = any($1) order by tenant for update
            """;
    private static final String RAISE = """
            insert into tenant_token (tenant, token)
            select tenant, token from unnest($1::text[], $2::bigint[]) as given (tenant, token) order by tenant
            on conflict (tenant) do update set token = greatest(tenant_token.token, excluded.token)
            """;
    private static final String ACCEPT = """
            insert into step_run (tenant, upgrade, step, attempt, token, driver, action, component, request, state,
                                  code, text, ended_at)
            select tenant, upgrade, step, attempt, token, driver, action, component, request, state, code, text,
                   case when state = 'refused' then now() end
            from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bigint[], $6::text[], $7::text[], $8::text[],
                        $9::text[], $10::text[], $11::text[], $12::text[]) with ordinality
                 as given (tenant, upgrade, step, attempt, token, driver, action, component, request, state, code, text,
                           place)
            order by place
            on conflict (upgrade, step, attempt) do nothing
            """;
    // One of a tenant at a time: a later attempt waits until the earlier one's driver has let go.
    private static final String CLAIM = """
            with picked as materialized (
                select run.id
                from unnest($1::text[], $2::int[]) as capacity (driver, free)
                cross join lateral (
                    select r.id from step_run r
                    where r.driver = capacity.driver and r.state in ('accepted', 'running')
                      and (r.lease_until is null or r.lease_until < now())
                      and not exists (select 1 from step_run other
                                      where other.tenant = r.tenant and other.state = 'running' and other.id <> r.id
                                        and other.lease_until >= now())
                    order by r.id limit capacity.free
                    for update of r skip locked) run)
            update step_run r
            set state = 'running', executor = $3, claims = r.claims + 1, started_at = coalesce(r.started_at, now()),
                lease_until = now() + $4::bigint * interval '1 millisecond'
            from picked, tenant_token t
            where r.id = picked.id and t.tenant = r.tenant
            returning r.id, r.claims, r.request, t.token > r.token
            """;
    private static final String RENEW = """
            update step_run r
            set lease_until = now() + $5::bigint * interval '1 millisecond', progress = nullif(held.progress, '')
            from unnest($1::bigint[], $2::int[], $3::text[]) as held (id, claims, progress), tenant_token t
            where r.id = held.id and r.claims = held.claims and r.executor = $4 and r.state = 'running'
              and t.tenant = r.tenant
            returning r.id, t.token > r.token
            """;
    private static final String END = """
            update step_run r
            set state = ended.state, code = ended.code, text = ended.text, ended_at = now(), lease_until = null,
                progress = null
            from unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[])
                 as ended (id, claims, state, code, text)
            where r.id = ended.id and r.claims = ended.claims and r.executor = $6 and r.state = 'running'
            returning r.id
            """;
    private static final String RELEASE = """
            update step_run r set lease_until = '-infinity'
            from unnest($1::bigint[], $2::int[]) as held (id, claims)
            where r.id = held.id and r.claims = held.claims and r.executor = $3 and r.state = 'running'
            """;

    private final Mutiny.SessionFactory sessions;
    private final Outbox outbox;
    private final InstantSource clock;
    private final String executor;
    private final ObjectMapper json = Wire.json();

    StepRuns(Mutiny.SessionFactory sessions, Outbox outbox, InstantSource clock, Settings settings) {
        this.sessions = sessions;
        this.outbox = outbox;
        this.clock = clock;
        this.executor = settings.name()
                .orElseGet(() -> "executor-" + ProcessHandle.current().pid() + "-" + UUID.randomUUID());
    }

    /** The highest tokens of tenants, which stay locked until the session's transaction ends. */
    public Uni<Map<TenantId, Token>> highest(Mutiny.Session session, Set<TenantId> tenants) {
        String[] names = tenants.stream().map(TenantId::value).toArray(String[]::new);
        return Sql.rows(session, HIGHEST, (Object) names).map(rows -> {
            Map<TenantId, Token> highest = new HashMap<>();
            rows.forEach(row -> highest.put(new TenantId((String) row[0]), new Token((Long) row[1])));
            return highest;
        });
    }

    /** Keeps what was admitted and what was refused, and answers the latter. */
    public Uni<Void> admit(Mutiny.Session session, Admission admission) {
        List<Map.Entry<TenantId, Token>> tokens =
                List.copyOf(admission.highest().entrySet());
        Batch batch = new Batch();
        admission.accepted().forEach(request -> batch.add(request, "accepted", null, null));
        admission
                .refused()
                .forEach(refusal -> batch.add(
                        refusal.request(),
                        "refused",
                        refusal.answer().code(),
                        refusal.answer().reason()));
        Instant now = clock.instant();
        return Sql.update(
                        session,
                        RAISE,
                        tokens.stream().map(e -> e.getKey().value()).toArray(String[]::new),
                        tokens.stream().map(e -> e.getValue().value()).toArray(Long[]::new))
                .chain(() -> Sql.update(session, ACCEPT, batch.columns()))
                .chain(() -> outbox.say(
                        session,
                        admission.refused().stream()
                                .map(refusal -> Answers.envelope(refusal.answer(), now))
                                .toList()));
    }

    @Override
    public List<Claim> claim(Map<String, Integer> capacity, Duration lease) {
        List<Map.Entry<String, Integer>> entries = List.copyOf(capacity.entrySet());
        return inTransaction(session -> Sql.rows(
                        session,
                        CLAIM,
                        entries.stream().map(Map.Entry::getKey).toArray(String[]::new),
                        entries.stream().map(Map.Entry::getValue).toArray(Integer[]::new),
                        executor,
                        lease.toMillis())
                .map(rows -> rows.stream().map(this::claim).toList()));
    }

    private Claim claim(Object[] row) {
        return new Claim((Long) row[0], (Integer) row[1], request((String) row[2]), (Boolean) row[3]);
    }

    private StepRequested request(String text) {
        try {
            return json.readValue(text, StepRequested.class);
        } catch (JsonProcessingException e) {
            // It was read from Kafka before it was kept.
            throw new IllegalStateException("a kept request can't be read", e);
        }
    }

    @Override
    public Map<Claim, Boolean> renew(Map<Claim, String> progress, Duration lease) {
        List<Claim> claims = List.copyOf(progress.keySet());
        return inTransaction(session -> Sql.rows(
                        session,
                        RENEW,
                        ids(claims),
                        counts(claims),
                        claims.stream().map(progress::get).toArray(String[]::new),
                        executor,
                        lease.toMillis())
                .map(rows -> {
                    Map<Long, Boolean> held = new HashMap<>();
                    rows.forEach(row -> held.put((Long) row[0], (Boolean) row[1]));
                    Map<Claim, Boolean> result = new HashMap<>();
                    claims.forEach(claim -> {
                        Boolean superseded = held.get(claim.id());
                        if (superseded != null) {
                            result.put(claim, superseded);
                        }
                    });
                    return result;
                }));
    }

    @Override
    public List<Claim> end(List<Ended> ended) {
        List<Claim> claims = ended.stream().map(Ended::claim).toList();
        String[] states = ended.stream().map(e -> state(e.result())).toArray(String[]::new);
        String[] codes = ended.stream()
                .map(e -> e.result() instanceof StepFailed failed ? failed.code() : null)
                .toArray(String[]::new);
        String[] texts = ended.stream().map(e -> text(e.result())).toArray(String[]::new);
        Instant now = clock.instant();
        return inTransaction(session -> Sql.rows(
                        session, END, ids(claims), counts(claims), states, codes, texts, executor)
                .chain(rows -> {
                    Set<Long> held = new HashSet<>();
                    rows.forEach(row -> held.add((Long) row[0]));
                    List<Ended> ours = ended.stream()
                            .filter(e -> held.contains(e.claim().id()))
                            .toList();
                    List<Envelope> results = ours.stream()
                            .map(e -> Answers.envelope(e.result(), now))
                            .toList();
                    return outbox.say(session, results)
                            .replaceWith(ours.stream().map(Ended::claim).toList());
                }));
    }

    @Override
    public void begun(List<Claim> claims) {
        Instant now = clock.instant();
        List<Envelope> started = claims.stream()
                .map(Claim::request)
                .map(r -> new StepStarted(r.tenant(), r.upgrade(), r.step(), r.attempt(), r.token(), executor))
                .map(event -> Answers.envelope(event, now))
                .toList();
        inTransaction(session -> outbox.say(session, started).replaceWith(true));
    }

    @Override
    public void release(List<Claim> claims) {
        inTransaction(session -> Sql.update(session, RELEASE, ids(claims), counts(claims), executor));
    }

    private <T> T inTransaction(Function<Mutiny.Session, Uni<T>> work) {
        return Blocking.await(() -> sessions.withTransaction((session, transaction) -> work.apply(session)));
    }

    private static Long[] ids(List<Claim> claims) {
        return claims.stream().map(Claim::id).toArray(Long[]::new);
    }

    private static Integer[] counts(List<Claim> claims) {
        return claims.stream().map(Claim::claims).toArray(Integer[]::new);
    }

    private static String state(ResultEvent result) {
        return switch (result) {
            case StepStarted r -> "running";
            case StepSucceeded r -> "succeeded";
            case StepFailed r -> "failed";
            case StepUncertain r -> "uncertain";
        };
    }

    private static String text(ResultEvent result) {
        return switch (result) {
            case StepStarted r -> "";
            case StepSucceeded r -> r.summary();
            case StepFailed r -> r.reason();
            case StepUncertain r -> r.reason();
        };
    }

    /** The columns of rows to be. */
    private final class Batch {
        private final List<StepRequested> requests = new ArrayList<>();
        private final List<String> states = new ArrayList<>();
        private final List<@org.jspecify.annotations.Nullable String> codes = new ArrayList<>();
        private final List<@org.jspecify.annotations.Nullable String> texts = new ArrayList<>();

        void add(
                StepRequested request,
                String state,
                @org.jspecify.annotations.Nullable String code,
                @org.jspecify.annotations.Nullable String text) {
            requests.add(request);
            states.add(state);
            codes.add(code);
            texts.add(text);
        }

        Object[] columns() {
            return new Object[] {
                texts(r -> r.tenant().value()),
                texts(r -> r.upgrade().value()),
                texts(r -> r.step().value()),
                requests.stream().map(StepRequested::attempt).toArray(Integer[]::new),
                requests.stream().map(r -> r.token().value()).toArray(Long[]::new),
                texts(r -> r.target().driver().value()),
                texts(r -> r.action().word()),
                texts(r -> r.target().component().value()),
                texts(r -> new String(Wire.body(r), StandardCharsets.UTF_8)),
                states.toArray(String[]::new),
                codes.toArray(String[]::new),
                texts.toArray(String[]::new)
            };
        }

        private String[] texts(Function<StepRequested, String> column) {
            return requests.stream().map(column).toArray(String[]::new);
        }
    }
}
