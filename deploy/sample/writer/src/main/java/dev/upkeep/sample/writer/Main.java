package dev.upkeep.sample.writer;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code write} keeps a tenant under traffic until SIGTERM; {@code check} accounts for every acknowledged write and
 * exits 0 when none is missing, 1 when one is, 2 when it was asked wrongly or could not look.
 */
public final class Main {
    private static final String USAGE = """
            java -jar inkwell-writer.jar write --gate http://127.0.0.1:8000 --journal FILE [--rate 20] [--notes 60] [--at-a-time 4] [--seed 1]
            java -jar inkwell-writer.jar check --journal FILE --database jdbc:postgresql://… --user NAME [--gap FILE]…
            The password of the database is read from DATABASE_PASSWORD.""";

    private Main() {}

    public static void main(String[] arguments) {
        int code;
        try {
            code = run(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            code = 2;
        } catch (IOException | SQLException e) {
            System.err.println(e.getMessage());
            code = 2;
        }
        if (code >= 0) {
            System.exit(code);
        }
    }

    /** Below 0: the process goes on until it is told to stop. */
    private static int run(String[] arguments) throws IOException, SQLException {
        if (arguments.length == 0) {
            throw new IllegalArgumentException("say write or check");
        }
        Options options = Options.of(arguments);
        return switch (arguments[0]) {
            case "write" -> write(options);
            case "check" -> check(options);
            case String other -> throw new IllegalArgumentException("there is no " + other + "; say write or check");
        };
    }

    private static int write(Options options) throws IOException {
        Traffic.Pace pace = new Traffic.Pace(
                Double.parseDouble(options.get("rate", "20")),
                Integer.parseInt(options.get("notes", "60")),
                Integer.parseInt(options.get("at-a-time", "4")),
                Long.parseLong(options.get("seed", "1")));
        Traffic traffic = Traffic.start(
                URI.create(options.get("gate")), Path.of(options.get("journal")), pace, InstantSource.system());
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            int code = 0;
            try {
                traffic.close();
            } catch (IOException e) {
                System.err.println(e.getMessage());
                code = 2;
            }
            System.out.println(traffic.counts());
            Runtime.getRuntime().halt(code);
        }));
        // The writing threads are virtual, and such threads alone do not keep a process.
        Thread.ofPlatform().start(Main::stayAwake);
        return -1;
    }

    private static void stayAwake() {
        while (true) {
            LockSupport.park();
        }
    }

    private static int check(Options options) throws IOException, SQLException {
        Account account = Accounting.check(
                Path.of(options.get("journal")),
                options.get("database"),
                options.get("user"),
                System.getenv().getOrDefault("DATABASE_PASSWORD", ""),
                options.all("gap").stream().map(Path::of).toList());
        System.out.println("acknowledged " + account.acknowledged() + ", found " + account.found() + ", itemised "
                + account.itemised() + ", missing " + account.missing().size() + ", unasked "
                + account.unasked().size());
        account.missing()
                .forEach(missing -> System.out.println("missing " + missing.write() + ": " + missing.because()));
        return account.whole() ? 0 : 1;
    }

    private record Options(Map<String, List<String>> values) {
        static Options of(String[] arguments) {
            Map<String, List<String>> values = new HashMap<>();
            for (int i = 1; i < arguments.length; i += 2) {
                if (!arguments[i].startsWith("--") || i + 1 == arguments.length) {
                    throw new IllegalArgumentException("options are --name value, not " + arguments[i]);
                }
                values.computeIfAbsent(arguments[i].substring(2), name -> new ArrayList<>())
                        .add(arguments[i + 1]);
            }
            return new Options(values);
        }

        String get(String name) {
            return all(name).stream()
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("--" + name + " is missing"));
        }

        String get(String name, String otherwise) {
            return all(name).stream().findFirst().orElse(otherwise);
        }

        List<String> all(String name) {
            return values.getOrDefault(name, List.of());
        }
    }
}
