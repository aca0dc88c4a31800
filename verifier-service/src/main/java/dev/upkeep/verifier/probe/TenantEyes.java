package dev.upkeep.verifier.probe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.event.Probe;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.secrets.References;
import dev.upkeep.verifier.core.Reading;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Looks at a real tenant: HTTP, Prometheus text and PostgreSQL's catalogue, each with a timeout. */
public final class TenantEyes implements Eyes {
    private static final int SHOWN = 200;

    private final ObjectMapper json = new ObjectMapper();
    private final Http http;
    private final Catalogue catalogue;

    /**
     * Eyes that give up after {@code timeout} on each thing they look at.
     */
    public TenantEyes(Duration timeout, References references) {
        this.http = new Http(timeout);
        this.catalogue = new Catalogue(timeout, references);
    }

    @Override
    public List<Reading> look(List<Probe> probes, List<Watch> watches) {
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Reading>>> futures = new ArrayList<>();
            for (Probe probe : probes) {
                futures.add(each.submit(() -> List.of(read(probe))));
            }
            // Watches of one URL share one scrape, so that their figures are of one moment.
            Map<String, List<Watch>> byUrl = new TreeMap<>();
            watches.forEach(watch ->
                    byUrl.computeIfAbsent(watch.url(), url -> new ArrayList<>()).add(watch));
            byUrl.forEach((url, those) -> {
                Callable<List<Reading>> scrape = () -> scrape(url, those);
                futures.add(each.submit(scrape));
            });
            List<Reading> readings = new ArrayList<>();
            for (Future<List<Reading>> future : futures) {
                readings.addAll(future.get());
            }
            return readings;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while looking", e);
        } catch (ExecutionException bug) {
            throw new IllegalStateException(bug.getCause());
        }
    }

    private Reading read(Probe probe) throws InterruptedException {
        return switch (probe) {
            case Probe.HttpStatus p -> status(p);
            case Probe.HttpField p -> field(p);
            case Probe.Schema p -> schema(p);
        };
    }

    private Reading status(Probe.HttpStatus probe) throws InterruptedException {
        try {
            Http.Answer answer = http.get(probe.url());
            return answer.status() == probe.status()
                    ? new Reading.Passed(probe.name(), "answered " + answer.status())
                    : new Reading.NotPassed(
                            probe.name(), "answered " + answer.status() + ": " + shortened(answer.body()));
        } catch (IOException e) {
            return new Reading.NotPassed(probe.name(), "no answer: " + said(e));
        } catch (IllegalArgumentException e) {
            return new Reading.Blind(probe.name(), "the probe's URL can't be asked: " + said(e));
        }
    }

    private Reading field(Probe.HttpField probe) throws InterruptedException {
        try {
            Http.Answer answer = http.get(probe.url());
            if (answer.status() != 200) {
                return new Reading.NotPassed(
                        probe.name(), "answered " + answer.status() + ": " + shortened(answer.body()));
            }
            JsonNode value = json.readTree(answer.body()).at(probe.pointer());
            return value.isValueNode() && value.asText().equals(probe.value())
                    ? new Reading.Passed(probe.name(), "is " + value.asText())
                    : new Reading.NotPassed(
                            probe.name(), value.isMissingNode() ? "is not there" : "is " + shortened(value.asText()));
        } catch (JsonProcessingException e) {
            return new Reading.NotPassed(probe.name(), "the answer is no JSON: " + shortened(e.getOriginalMessage()));
        } catch (IOException e) {
            return new Reading.NotPassed(probe.name(), "no answer: " + said(e));
        } catch (IllegalArgumentException e) {
            return new Reading.Blind(probe.name(), "the probe's URL or pointer is not well-formed: " + said(e));
        }
    }

    private Reading schema(Probe.Schema probe) {
        try {
            SchemaFingerprint found = catalogue.read(probe.settings());
            return found.equals(probe.fingerprint())
                    ? new Reading.Passed(probe.name(), found.value())
                    : new Reading.NotPassed(probe.name(), found.value());
        } catch (IOException | SQLException e) {
            // The schema is not known to be wrong: it could not be read.
            return new Reading.Blind(probe.name(), "the catalogue could not be read: " + said(e));
        }
    }

    private List<Reading> scrape(String url, List<Watch> watches) throws InterruptedException {
        try {
            Http.Answer answer = http.get(url);
            if (answer.status() != 200) {
                return blind(watches, url + " answered " + answer.status());
            }
            List<Reading> readings = new ArrayList<>();
            for (Watch watch : watches) {
                readings.add(count(watch, answer.body()));
            }
            return readings;
        } catch (IOException e) {
            return blind(watches, url + " did not answer: " + said(e));
        } catch (IllegalArgumentException e) {
            return blind(watches, url + ": " + said(e));
        }
    }

    private static Reading count(Watch watch, String exposition) {
        for (Watch.Selection selection : List.of(watch.of(), watch.per())) {
            // A label value may not have occurred yet; a metric that is not there at all is a mistake, not a nought.
            if (Samples.select(exposition, new Watch.Selection(selection.metric(), Map.of()))
                    .isEmpty()) {
                return new Reading.Blind(watch.name(), watch.url() + " has no metric " + selection.metric());
            }
        }
        return new Reading.Counted(
                watch.name(), Samples.select(exposition, watch.of()), Samples.select(exposition, watch.per()));
    }

    private static List<Reading> blind(List<Watch> watches, String why) {
        return watches.stream()
                .<Reading>map(watch -> new Reading.Blind(watch.name(), why))
                .toList();
    }

    private static String said(Exception e) {
        String message = e.getMessage();
        return shortened(message == null ? e.getClass().getSimpleName() : message);
    }

    private static String shortened(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
    }

    @Override
    public void close() {
        http.close();
    }
}
