package dev.upkeep.planner.core;

import dev.upkeep.contract.StepId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.BakeEvent.Purpose;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.Probe;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes a step down as the event that asks for it. */
final class Requests {
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(250);
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(5);

    private Requests() {}

    /** The event that asks for an attempt, or nothing if a fact that it needs is not there. */
    static Optional<Event> ask(
            Subject subject, Plan plan, Step step, int attempt, Token token, Map<String, String> facts) {
        return switch (step.action()) {
            case Action.Baseline a ->
                bake(
                        subject,
                        plan,
                        step,
                        attempt,
                        token,
                        facts,
                        Purpose.BASELINE,
                        a.span(),
                        plan.from(),
                        Moment.BEFORE);
            case Action.VerifyShut a ->
                bake(
                        subject,
                        plan,
                        step,
                        attempt,
                        token,
                        facts,
                        Purpose.SHUT,
                        step.deadline(),
                        a.version(),
                        a.schema());
            case Action.VerifyOpen a ->
                bake(
                        subject,
                        plan,
                        step,
                        attempt,
                        token,
                        facts,
                        Purpose.OPEN,
                        a.span(),
                        a.version(),
                        plan.changesSchema() ? Moment.AFTER : Moment.BEFORE);
            case Action.Prepare a -> Optional.of(request(subject, plan, step, attempt, token, facts));
            case Action.Protect a -> Optional.of(request(subject, plan, step, attempt, token, facts));
            case Action.Quiesce a -> Optional.of(request(subject, plan, step, attempt, token, facts));
            case Action.Change a -> Optional.of(request(subject, plan, step, attempt, token, facts));
            case Action.Reopen a -> Optional.of(request(subject, plan, step, attempt, token, facts));
            case Action.Recover a -> Optional.of(request(subject, plan, step, attempt, token, facts));
            case Action.Person a -> Optional.of(request(subject, plan, step, attempt, token, facts));
        };
    }

    private static Event request(
            Subject subject, Plan plan, Step step, int attempt, Token token, Map<String, String> facts) {
        Map<String, Target> uses = new HashMap<>();
        step.uses().forEach((role, component) -> uses.put(role, plan.target(component)));
        return new StepRequested(
                subject.tenant(),
                subject.upgrade(),
                step.id(),
                attempt,
                token,
                step.action(),
                plan.product(),
                plan.from(),
                plan.to(),
                plan.target(step.component()),
                uses,
                plan.migrations(),
                Facts.forExecutors(step, facts),
                step.deadline());
    }

    private static Optional<Event> bake(
            Subject subject,
            Plan plan,
            Step step,
            int attempt,
            Token token,
            Map<String, String> facts,
            Purpose purpose,
            Duration span,
            Version version,
            Moment schema) {
        List<Probe> probes = new ArrayList<>();
        for (Product.ProbeTemplate template : plan.probes(version)) {
            Optional<Probe> probe = probe(plan, template, version, schema, facts);
            // Before the change a schema that was not read can't be compared; after it, that would be a hole.
            if (probe.isEmpty() && purpose != Purpose.BASELINE) {
                return Optional.empty();
            }
            probe.ifPresent(probes::add);
        }
        return Optional.of(new BakeRequested(
                subject.tenant(),
                subject.upgrade(),
                step.id(),
                attempt,
                token,
                purpose,
                span,
                interval(span),
                probes,
                purpose == Purpose.SHUT ? List.of() : plan.watches(),
                purpose == Purpose.OPEN
                        ? Optional.ofNullable(facts.get(Fact.BASELINE)).map(StepId::new)
                        : Optional.empty()));
    }

    private static Optional<Probe> probe(
            Plan plan, Product.ProbeTemplate template, Version version, Moment schema, Map<String, String> facts) {
        return switch (template) {
            case Product.ProbeTemplate.HttpStatus p ->
                Optional.of(new Probe.HttpStatus(p.name(), filled(p.url(), version), p.status()));
            case Product.ProbeTemplate.HttpField p ->
                Optional.of(new Probe.HttpField(
                        p.name(), filled(p.url(), version), p.pointer(), filled(p.value(), version)));
            case Product.ProbeTemplate.Schema p ->
                Optional.ofNullable(facts.get(schema == Moment.AFTER ? Fact.SCHEMA_AFTER : Fact.SCHEMA_BEFORE))
                        .map(fingerprint -> new Probe.Schema(
                                p.name(), plan.target(p.component()).settings(), new SchemaFingerprint(fingerprint)));
        };
    }

    private static String filled(String text, Version version) {
        return text.replace("{version}", version.toString());
    }

    private static Duration interval(Duration span) {
        Duration twentieth = span.dividedBy(20);
        if (twentieth.compareTo(SHORTEST_INTERVAL) < 0) {
            return SHORTEST_INTERVAL;
        }
        return twentieth.compareTo(LONGEST_INTERVAL) > 0 ? LONGEST_INTERVAL : twentieth;
    }
}
