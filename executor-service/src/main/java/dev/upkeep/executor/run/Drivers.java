package dev.upkeep.executor.run;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.step.Words;
import dev.upkeep.executor.driver.Driver;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The drivers there are, by name, and how many steps of each may run at once. */
@ApplicationScoped
public class Drivers {
    private static final int ANY = 16;
    /** Where the general limit would be a bad guess: a dump keeps a disk busy, a rehearsal nothing. */
    private static final Map<String, Integer> OF_DRIVER = Map.of("postgresql", 4, "rehearsal", 500, "gate", 64);

    private final Map<String, Driver> byName = new TreeMap<>();
    private final Map<String, Integer> limits = new TreeMap<>();

    Drivers(@All List<Driver> all, Settings settings) {
        Map<String, Integer> told = settings.concurrency();
        for (Driver driver : all) {
            String name = driver.name().value();
            if (byName.put(name, driver) != null) {
                throw new IllegalStateException("two drivers are named " + name);
            }
            Integer limit = told.getOrDefault(name, told.getOrDefault("any", OF_DRIVER.getOrDefault(name, ANY)));
            if (limit < 1) {
                throw new IllegalStateException(
                        "upkeep.executor.concurrency of " + name + " is " + limit + ", must be at least 1");
            }
            limits.put(name, limit);
        }
    }

    Driver get(DriverName name) {
        Driver driver = byName.get(name.value());
        if (driver == null) {
            throw new IllegalStateException(
                    "no driver " + name + ": what it was accepted for has gone with a new version");
        }
        return driver;
    }

    Map<String, Integer> limits() {
        return limits;
    }

    /** By the driver's name, the words of what it can carry out. */
    public Map<String, Set<String>> actions() {
        return byName.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> entry.getValue().actions().stream()
                                .map(Words::of)
                                .collect(Collectors.toSet())));
    }
}
