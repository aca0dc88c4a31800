package dev.upkeep.executor.driver;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Target;
import java.sql.Connection;
import java.sql.SQLException;

/** The rule that no binary meets a schema that is not its own. */
public final class OwnSchema {
    private OwnSchema() {}

    /**
     * Compares the schema found in the database that the component uses with the one its version is made for; a
     * component that uses no database meets no schema.
     *
     * @throws Refused {@link Failure#SCHEMA_NOT_ITS_OWN}, also when it is not known which schema it should be
     */
    public static void check(StepRequested request, Moment moment, Work work) {
        Target component = request.uses().get("database");
        if (component == null) {
            return;
        }
        String name = switch (moment) {
            case BEFORE -> Fact.SCHEMA_BEFORE;
            case AFTER -> Fact.SCHEMA_AFTER;
            case FAILED -> Fact.SCHEMA_FAILED;
        };
        String expected = request.facts().get(name);
        if (expected == null) {
            throw refused(request, "it is not known which schema it should be: no fact " + name);
        }
        SchemaFingerprint found = read(Database.of(component, work.secrets()));
        if (!found.value().equals(expected)) {
            throw refused(request, "the database's schema is " + found + ", " + name + " is " + expected);
        }
    }

    /**
     * The same before a start: what migrates when it starts may meet the schema before, or the one that it has itself
     * left behind.
     */
    public static void checkStart(
            StepRequested request, boolean migratesOnStart, Version version, Moment moment, Work work) {
        try {
            check(request, moment, work);
        } catch (Refused e) {
            boolean itsOwnWork = migratesOnStart && moment == Moment.BEFORE && version.equals(request.to());
            if (!itsOwnWork || e.failed().code() != Failure.SCHEMA_NOT_ITS_OWN) {
                throw e;
            }
            try {
                check(request, Moment.AFTER, work);
            } catch (Refused neither) {
                throw e;
            }
        }
    }

    private static SchemaFingerprint read(Database database) {
        try (Connection connection = database.open()) {
            return Database.fingerprint(connection);
        } catch (SQLException e) {
            throw database.refused(e);
        }
    }

    private static Refused refused(StepRequested request, String why) {
        return new Refused(Outcome.Failed.forGood(
                Failure.SCHEMA_NOT_ITS_OWN,
                request.target().component() + " was not started: " + why,
                "Bring the schema to the state that the version is made for, or let the upgrade be undone"));
    }
}
