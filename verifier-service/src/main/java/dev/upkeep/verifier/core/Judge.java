package dev.upkeep.verifier.core;

import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Probe;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.event.Verdict.Finding;
import dev.upkeep.contract.event.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Computes a verdict from what a bake has seen; it confirms only on evidence, and what it can't tell it holds.
 *
 * <p>A bake is not over before it has both lasted its span and taken the looks that fit in it: a verifier that was
 * away takes them late. One that still lacks them after {@link #PATIENCE} spans is held.
 */
public final class Judge {
    /** A probe that fails so often in a row ends the bake at once: waiting would only prolong the harm. */
    static final int FAILURES_THAT_END_IT = 3;

    /** How many spans a bake may take in all. */
    static final int PATIENCE = 4;

    private Judge() {}

    /**
     * What to do after a look.
     *
     * @param lasted time since the first look
     */
    public static Course after(BakeRequested bake, Progress seen, Baselined before, Duration lasted) {
        return switch (bake.purpose()) {
            case SHUT -> shut(bake, seen, lasted);
            case OPEN ->
                enough(bake, seen, lasted) || broken(bake, seen)
                        ? new Course.Judged(open(bake, seen, before))
                        : outOfPatience(bake, seen, lasted);
            case BASELINE ->
                enough(bake, seen, lasted)
                        ? new Course.Judged(baseline(bake, seen))
                        : outOfPatience(bake, seen, lasted);
        };
    }

    /** The figures that a later bake of the same upgrade is compared with. */
    public static Baselined figures(BakeRequested bake, Progress seen) {
        TreeMap<String, Double> figures = new TreeMap<>();
        for (Watch watch : bake.watches()) {
            seen.figure(watch.name(), watch.atLeast()).ifPresent(f -> figures.put(watch.name(), f));
        }
        return new Baselined(figures);
    }

    private static Course shut(BakeRequested bake, Progress seen, Duration lasted) {
        if (bake.probes().isEmpty()) {
            return new Course.Judged(new Verdict.Hold(
                    List.of(new Finding("probes", "at least one", "the product's descriptor names none")), List.of()));
        }
        List<Finding> good = new ArrayList<>();
        List<Finding> bad = new ArrayList<>();
        List<Finding> unknown = new ArrayList<>();
        for (Probe probe : bake.probes()) {
            Sight sight = seen.seen(probe.name()).orElse(Sight.NONE);
            Finding finding = new Finding(probe.name(), expected(probe), sight.last());
            if (sight.looks() == 0 || sight.looks() == sight.blind()) {
                unknown.add(new Finding(
                        probe.name(), expected(probe), sight.looks() == 0 ? "never looked at" : sight.last()));
            } else if (sight.failedInARow() == 0 && sight.passed() > 0) {
                good.add(finding);
            } else {
                bad.add(finding);
            }
        }
        if (bad.isEmpty() && unknown.isEmpty()) {
            return new Course.Judged(new Verdict.Confirm(good));
        }
        if (lasted.compareTo(bake.span()) < 0) {
            return new Course.LookAgain();
        }
        return new Course.Judged(bad.isEmpty() ? new Verdict.Hold(unknown, good) : new Verdict.Rollback(bad, good));
    }

    private static Verdict open(BakeRequested bake, Progress seen, Baselined before) {
        List<Finding> good = new ArrayList<>();
        List<Finding> bad = new ArrayList<>();
        List<Finding> missing = new ArrayList<>();
        for (Probe probe : bake.probes()) {
            sort(probe, seen.seen(probe.name()).orElse(Sight.NONE), good, bad, missing);
        }
        for (Watch watch : bake.watches()) {
            sort(watch, seen, before, good, bad, missing);
        }
        if (!bad.isEmpty()) {
            return new Verdict.Rollback(bad, join(good, missing));
        }
        if (missing.isEmpty() && good.isEmpty()) {
            missing.add(new Finding("evidence", "at least one probe or watch", "the product's descriptor names none"));
        }
        return missing.isEmpty() ? new Verdict.Confirm(good) : new Verdict.Hold(missing, good);
    }

    /** A tenant that is not well before the change is not changed: nobody could tell what made it ill. */
    private static Verdict baseline(BakeRequested bake, Progress seen) {
        List<Finding> good = new ArrayList<>();
        List<Finding> missing = new ArrayList<>();
        for (Probe probe : bake.probes()) {
            sort(probe, seen.seen(probe.name()).orElse(Sight.NONE), good, missing, missing);
        }
        for (Watch watch : bake.watches()) {
            Optional<Double> figure = seen.figure(watch.name(), watch.atLeast());
            Finding finding = new Finding(watch.name(), "figures before the change", describe(watch, seen));
            boolean tooBad = figure.isPresent()
                    && watch.ceiling().isPresent()
                    && figure.get() > watch.ceiling().get();
            boolean needed = figure.isEmpty() && watch.worsening().isPresent();
            if (tooBad) {
                missing.add(new Finding(
                        watch.name(),
                        "at most " + number(watch.ceiling().get()) + " before the change too",
                        describe(watch, seen)));
            } else if (needed) {
                missing.add(finding);
            } else {
                good.add(finding);
            }
        }
        if (missing.isEmpty() && good.isEmpty()) {
            missing.add(new Finding("evidence", "at least one probe or watch", "the product's descriptor names none"));
        }
        return missing.isEmpty() ? new Verdict.Confirm(good) : new Verdict.Hold(missing, good);
    }

    private static void sort(Probe probe, Sight sight, List<Finding> good, List<Finding> bad, List<Finding> missing) {
        String times = sight.passed() + " of " + sight.looks() + " looks passed";
        if (sight.failed() > 0) {
            bad.add(new Finding(
                    probe.name(),
                    expected(probe),
                    times + "; found: " + sight.lastBad().orElse(sight.last())));
        } else if (sight.passed() == 0) {
            missing.add(
                    new Finding(probe.name(), expected(probe), sight.looks() == 0 ? "never looked at" : sight.last()));
        } else {
            good.add(new Finding(probe.name(), expected(probe), times));
        }
    }

    private static void sort(
            Watch watch,
            Progress seen,
            Baselined before,
            List<Finding> good,
            List<Finding> bad,
            List<Finding> missing) {
        Optional<Double> figure = seen.figure(watch.name(), watch.atLeast());
        Optional<Double> bound = bound(watch, before);
        String expected = expected(watch, before);
        if (figure.isEmpty() || bound.isEmpty()) {
            boolean overCeiling = figure.isPresent()
                    && watch.ceiling().isPresent()
                    && figure.get() > watch.ceiling().get();
            (overCeiling ? bad : missing).add(new Finding(watch.name(), expected, describe(watch, seen)));
        } else if (figure.get() > bound.get()) {
            bad.add(new Finding(watch.name(), expected, describe(watch, seen)));
        } else {
            good.add(new Finding(watch.name(), expected, describe(watch, seen)));
        }
    }

    /** The lowest of the bounds that the watch sets; empty if one of them needs a baseline that is not there. */
    private static Optional<Double> bound(Watch watch, Baselined before) {
        if (watch.worsening().isEmpty()) {
            return watch.ceiling();
        }
        return before.figure(watch.name()).map(was -> {
            double relative = was * watch.worsening().get() + watch.slack();
            return watch.ceiling().map(c -> Math.min(c, relative)).orElse(relative);
        });
    }

    private static boolean enough(BakeRequested bake, Progress seen, Duration lasted) {
        long fitting = bake.span().dividedBy(bake.interval());
        return lasted.compareTo(bake.span()) >= 0 && seen.looks() >= Math.max(2, fitting * 3 / 4);
    }

    private static boolean broken(BakeRequested bake, Progress seen) {
        return bake.probes().stream()
                .anyMatch(p -> seen.seen(p.name()).orElse(Sight.NONE).failedInARow() >= FAILURES_THAT_END_IT);
    }

    private static Course outOfPatience(BakeRequested bake, Progress seen, Duration lasted) {
        if (lasted.compareTo(bake.span().multipliedBy(PATIENCE)) < 0) {
            return new Course.LookAgain();
        }
        return new Course.Judged(new Verdict.Hold(
                List.of(new Finding(
                        "looks",
                        "one every " + seconds(bake.interval()) + " for " + seconds(bake.span()),
                        seen.looks() + " in " + seconds(lasted))),
                List.of()));
    }

    private static String expected(Probe probe) {
        return switch (probe) {
            case Probe.HttpStatus p -> "GET " + p.url() + " answers " + p.status();
            case Probe.HttpField p -> p.pointer() + " of " + p.url() + " is " + p.value();
            case Probe.Schema p -> "schema " + shortened(p.fingerprint().value());
        };
    }

    private static String expected(Watch watch, Baselined before) {
        List<String> bounds = new ArrayList<>();
        watch.ceiling().ifPresent(c -> bounds.add("at most " + number(c)));
        watch.worsening()
                .ifPresent(w -> bounds.add("at most " + number(w) + " times what it was before"
                        + before.figure(watch.name())
                                .map(was -> " (" + number(was) + ")")
                                .orElse(" (unknown)")
                        + (watch.slack() > 0 ? " plus " + number(watch.slack()) : "")));
        return String.join(" and ", bounds) + ", over at least " + number(watch.atLeast()) + " "
                + watch.per().metric();
    }

    private static String describe(Watch watch, Progress seen) {
        Growth of = seen.of().get(watch.name());
        Growth per = seen.per().get(watch.name());
        String unread = seen.unread().get(watch.name());
        if (of == null || per == null) {
            return unread == null ? "never read" : unread;
        }
        String counts = number(of.total()) + " of " + number(per.total());
        return seen.figure(watch.name(), watch.atLeast())
                .map(f -> number(f) + " (" + counts + ")")
                .orElse(counts + ": too little to tell" + (unread == null ? "" : "; " + unread));
    }

    private static List<Finding> join(List<Finding> first, List<Finding> second) {
        List<Finding> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return String.format(Locale.ROOT, "%.4g", value);
    }

    private static String seconds(Duration span) {
        return number(span.toMillis() / 1000.0) + " s";
    }

    private static String shortened(String fingerprint) {
        return fingerprint.substring(0, 12);
    }
}
