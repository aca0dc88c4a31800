package dev.upkeep.verifier.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.BakeEvent.Purpose;
import dev.upkeep.contract.event.Probe;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.event.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JudgeTest {
    private static final Probe HEALTH = new Probe.HttpStatus("health", "http://127.0.0.1:1/healthz", 200);
    private static final Watch ERRORS = watch(Optional.of(0.02), Optional.empty());
    private static final Watch LATENCY = watch(Optional.empty(), Optional.of(1.5));
    private static final Duration SPAN = Duration.ofSeconds(4);

    @Test
    void rollsBackWhenOneRequestInFiveFailsThoughTheHealthEndpointStaysGreen() {
        BakeRequested bake = bake(Purpose.OPEN, List.of(HEALTH), List.of(ERRORS));

        Verdict verdict =
                verdictOf(bake, Baselined.NONE, look(passed(), counted(0, 0)), look(passed(), counted(20, 100)));

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Rollback.class, rollback -> {
            assertThat(rollback.because()).singleElement().satisfies(finding -> {
                assertThat(finding.name()).isEqualTo("figure");
                assertThat(finding.expected()).contains("at most 0.02");
                assertThat(finding.found()).isEqualTo("0.2000 (20 of 100)");
            });
            assertThat(rollback.evidence()).extracting(Verdict.Finding::name).containsExactly("health");
        });
    }

    @Test
    void confirmsWithTheFiguresWhenEveryBoundIsKept() {
        BakeRequested bake = bake(Purpose.OPEN, List.of(HEALTH), List.of(ERRORS));

        Verdict verdict =
                verdictOf(bake, Baselined.NONE, look(passed(), counted(5, 50)), look(passed(), counted(6, 150)));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Confirm.class,
                        confirm -> assertThat(confirm.evidence())
                                .extracting(Verdict.Finding::found)
                                .containsExactly("4 of 4 looks passed", "0.01000 (1 of 100)"));
    }

    @Test
    void holdsWhenThereWasTooLittleTrafficToTell() {
        BakeRequested bake = bake(Purpose.OPEN, List.of(HEALTH), List.of(ERRORS));

        Verdict verdict = verdictOf(bake, Baselined.NONE, look(passed(), counted(0, 0)), look(passed(), counted(0, 9)));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Hold.class,
                        hold -> assertThat(hold.missing())
                                .singleElement()
                                .extracting(Verdict.Finding::found)
                                .asString()
                                .contains("too little to tell"));
    }

    @Test
    void holdsOnNaNWhicheverCounterHasIt() {
        BakeRequested bake = bake(Purpose.OPEN, List.of(HEALTH), List.of(ERRORS));

        assertThat(verdictOf(
                        bake, Baselined.NONE, look(passed(), counted(0, 0)), look(passed(), counted(Double.NaN, 90))))
                .isInstanceOf(Verdict.Hold.class);
        assertThat(verdictOf(
                        bake, Baselined.NONE, look(passed(), counted(0, 0)), look(passed(), counted(0, Double.NaN))))
                .isInstanceOf(Verdict.Hold.class);
    }

    @Test
    void holdsWhenTheBaselineThatABoundNeedsIsMissingOrNaN() {
        BakeRequested bake = bake(Purpose.OPEN, List.of(HEALTH), List.of(LATENCY));
        List<Reading> first = look(passed(), counted(0, 0));
        List<Reading> last = look(passed(), counted(1, 100));

        assertThat(verdictOf(bake, Baselined.NONE, first, last)).isInstanceOf(Verdict.Hold.class);
        assertThat(verdictOf(bake, new Baselined(Map.of("figure", Double.NaN)), first, last))
                .isInstanceOf(Verdict.Hold.class);
        assertThat(verdictOf(bake, new Baselined(Map.of("figure", 0.01)), first, last))
                .isInstanceOf(Verdict.Confirm.class);
    }

    @Test
    void holdsWhenTheMetricsCouldNoLongerBeReadInTheEnd() {
        BakeRequested bake = bake(Purpose.OPEN, List.of(HEALTH), List.of(ERRORS));
        Progress seen = Progress.NONE
                .plus(look(passed(), counted(0, 0)))
                .plus(look(passed(), counted(0, 90)))
                .plus(look(passed(), new Reading.Blind("figure", "no answer")))
                .plus(look(passed(), new Reading.Blind("figure", "no answer")));

        Course course = Judge.after(bake, seen, Baselined.NONE, SPAN);

        assertThat(course)
                .isInstanceOfSatisfying(
                        Course.Judged.class,
                        judged -> assertThat(judged.verdict()).isInstanceOf(Verdict.Hold.class));
    }

    @Test
    void rollsBackWhenTheFigureIsWorseThanTheBaselineAllows() {
        BakeRequested bake = bake(Purpose.OPEN, List.of(HEALTH), List.of(LATENCY));

        Verdict verdict = verdictOf(
                bake,
                new Baselined(Map.of("figure", 0.10)),
                look(passed(), counted(0, 0)),
                look(passed(), counted(16, 100)));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Rollback.class,
                        rollback -> assertThat(rollback.because())
                                .singleElement()
                                .extracting(Verdict.Finding::expected)
                                .asString()
                                .contains("1.500 times what it was before (0.1000)"));
    }

    @Test
    void countsOnAcrossARestartThatResetsTheCounters() {
        Growth growth = Growth.from(Map.of("a", 100.0)).plus(Map.of("a", 130.0)).plus(Map.of("a", 20.0, "b", 5.0));

        assertThat(growth.total()).isEqualTo(55.0);
    }

    @Test
    void endsAtOnceWhenAProbeFailsThreeTimesInARow() {
        BakeRequested bake = bake(Purpose.OPEN, List.of(HEALTH), List.of());
        Progress seen = Progress.NONE;
        for (int i = 0; i < 2; i++) {
            seen = seen.plus(look(notPassed()));
            assertThat(Judge.after(bake, seen, Baselined.NONE, Duration.ofSeconds(1)))
                    .isInstanceOf(Course.LookAgain.class);
        }

        Course course = Judge.after(bake, seen.plus(look(notPassed())), Baselined.NONE, Duration.ofSeconds(1));

        assertThat(course)
                .isInstanceOfSatisfying(
                        Course.Judged.class,
                        judged -> assertThat(judged.verdict()).isInstanceOf(Verdict.Rollback.class));
    }

    @Test
    void confirmsAShutBakeAtTheFirstLookInWhichEveryProbePasses() {
        BakeRequested bake = bake(Purpose.SHUT, List.of(HEALTH), List.of());
        Progress notYet = Progress.NONE.plus(look(notPassed()));

        assertThat(Judge.after(bake, notYet, Baselined.NONE, Duration.ZERO)).isInstanceOf(Course.LookAgain.class);
        assertThat(Judge.after(bake, notYet.plus(look(passed())), Baselined.NONE, Duration.ofSeconds(1)))
                .isInstanceOfSatisfying(
                        Course.Judged.class,
                        judged -> assertThat(judged.verdict()).isInstanceOf(Verdict.Confirm.class));
    }

    @Test
    void rollsBackAShutBakeWhoseProbesHaveNotPassedWhenItsSpanIsOver() {
        BakeRequested bake = bake(Purpose.SHUT, List.of(HEALTH), List.of());

        Course course = Judge.after(bake, Progress.NONE.plus(look(notPassed())), Baselined.NONE, SPAN);

        assertThat(course)
                .isInstanceOfSatisfying(
                        Course.Judged.class,
                        judged -> assertThat(judged.verdict()).isInstanceOf(Verdict.Rollback.class));
    }

    @Test
    void holdsABaselineOfATenantThatIsAlreadyIll() {
        BakeRequested bake = bake(Purpose.BASELINE, List.of(HEALTH), List.of(ERRORS));

        Verdict verdict =
                verdictOf(bake, Baselined.NONE, look(passed(), counted(0, 0)), look(passed(), counted(30, 100)));

        assertThat(verdict).isInstanceOf(Verdict.Hold.class);
    }

    @Test
    void takesTheLooksItMissedWhileItWasAwayBeforeItJudges() {
        BakeRequested bake = bake(Purpose.OPEN, List.of(HEALTH), List.of());
        Progress few = Progress.NONE.plus(look(passed())).plus(look(passed()));

        assertThat(Judge.after(bake, few, Baselined.NONE, SPAN.multipliedBy(2))).isInstanceOf(Course.LookAgain.class);
        assertThat(Judge.after(bake, few, Baselined.NONE, SPAN.multipliedBy(4)))
                .isInstanceOfSatisfying(
                        Course.Judged.class,
                        judged -> assertThat(judged.verdict()).isInstanceOf(Verdict.Hold.class));
    }

    /** Whatever is seen, in whatever order: a confirm rests on a passing, seen reading of everything asked for. */
    @Test
    void neverConfirmsForWantOfDataInAnySeededCourseOfLooks() {
        int confirms = 0;
        int rollbacks = 0;
        int holds = 0;
        int cases = Integer.getInteger("upkeep.search.cases", 5_000);
        for (int seed = 0; seed < cases; seed++) {
            Random random = new Random(seed);
            Purpose purpose = Purpose.values()[random.nextInt(3)];
            List<Watch> watches = List.of(random.nextBoolean() ? ERRORS : LATENCY);
            BakeRequested bake = bake(purpose, List.of(HEALTH), watches);
            Baselined before = switch (random.nextInt(3)) {
                case 0 -> Baselined.NONE;
                case 1 -> new Baselined(Map.of("figure", Double.NaN));
                default -> new Baselined(Map.of("figure", 0.01));
            };
            Progress seen = Progress.NONE;
            List<Reading> probeReadings = new ArrayList<>();
            double of = 0;
            double per = 0;
            boolean unreadable = false;
            Course course = new Course.LookAgain();
            boolean kind = random.nextInt(3) > 0;
            for (int i = 0; course instanceof Course.LookAgain && i < 100; i++) {
                List<Reading> look = new ArrayList<>();
                int dice = kind ? 2 : random.nextInt(6);
                Reading probe = dice == 0 ? notPassed() : dice == 1 ? new Reading.Blind("health", "?") : passed();
                if (kind || random.nextInt(8) > 0) {
                    look.add(probe);
                    probeReadings.add(probe);
                }
                int load = kind ? 30 : random.nextInt(12);
                per += load;
                of += random.nextInt(10) == 0 ? load / 4.0 : 0;
                if (!kind && random.nextInt(20) == 0) {
                    per = Double.NaN;
                }
                if (random.nextInt(6) > 0) {
                    look.add(counted(of, per));
                    unreadable |= Double.isNaN(per);
                }
                seen = seen.plus(look);
                course = Judge.after(bake, seen, before, Duration.ofSeconds(i));
            }
            assertThat(course).as("seed %s ends", seed).isInstanceOf(Course.Judged.class);
            switch (((Course.Judged) course).verdict()) {
                case Verdict.Confirm c -> {
                    confirms++;
                    assertThat(probeReadings).as("seed %s", seed).anyMatch(r -> r instanceof Reading.Passed);
                    if (purpose == Purpose.OPEN) {
                        assertThat(probeReadings).as("seed %s", seed).noneMatch(r -> r instanceof Reading.NotPassed);
                        assertThat(seen.per().get("figure").total())
                                .as("seed %s", seed)
                                .isGreaterThanOrEqualTo(10);
                        assertThat(unreadable).as("seed %s", seed).isFalse();
                        assertThat(watches.getFirst().worsening().isEmpty()
                                        || before.figure("figure").isPresent())
                                .as("seed %s", seed)
                                .isTrue();
                        assertThat(c.evidence()).as("seed %s", seed).hasSize(2);
                    }
                }
                case Verdict.Rollback r -> rollbacks++;
                case Verdict.Hold h -> holds++;
            }
        }
        assertThat(confirms).isPositive();
        assertThat(rollbacks).isPositive();
        assertThat(holds).isPositive();
    }

    private static Verdict verdictOf(BakeRequested bake, Baselined before, List<Reading> first, List<Reading> last) {
        // The growth is between the first and the last look; those between show nothing new.
        Progress seen = Progress.NONE.plus(first).plus(first).plus(last).plus(last);
        return ((Course.Judged) Judge.after(bake, seen, before, SPAN)).verdict();
    }

    private static List<Reading> look(Reading... readings) {
        return List.of(readings);
    }

    private static Reading passed() {
        return new Reading.Passed("health", "200");
    }

    private static Reading notPassed() {
        return new Reading.NotPassed("health", "503");
    }

    private static Reading counted(double of, double per) {
        return new Reading.Counted("figure", new HashMap<>(Map.of("of", of)), Map.of("per", per));
    }

    private static Watch watch(Optional<Double> ceiling, Optional<Double> worsening) {
        return new Watch(
                "figure",
                "http://127.0.0.1:1/metrics",
                new Watch.Selection("errors", Map.of()),
                new Watch.Selection("requests", Map.of()),
                10,
                ceiling,
                worsening,
                0);
    }

    private static BakeRequested bake(Purpose purpose, List<Probe> probes, List<Watch> watches) {
        return new BakeRequested(
                new TenantId("acme"),
                new UpgradeId("u-1"),
                new StepId("s-1"),
                1,
                new Token(1),
                purpose,
                SPAN,
                Duration.ofSeconds(1),
                probes,
                watches,
                Optional.empty());
    }
}
