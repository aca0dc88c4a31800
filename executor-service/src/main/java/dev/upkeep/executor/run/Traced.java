package dev.upkeep.executor.run;

import dev.upkeep.executor.driver.Secrets;
import java.io.PrintWriter;
import java.io.StringWriter;

/** What a fault's stack trace says, without the secrets that the step was given: messages quote what was passed on. */
final class Traced {
    private Traced() {}

    static String of(Throwable fault, Secrets secrets) {
        StringWriter trace = new StringWriter();
        fault.printStackTrace(new PrintWriter(trace));
        return secrets.masked(trace.toString());
    }
}
