package dev.upkeep.contract.step;

import java.util.Locale;

/** The written name of a case of a sealed family: {@code BackupDatabase} is {@code backup-database}. */
public final class Words {
    private Words() {}

    /** The kebab-case of a class's simple name. */
    public static String of(Class<?> kase) {
        return kase.getSimpleName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }
}
