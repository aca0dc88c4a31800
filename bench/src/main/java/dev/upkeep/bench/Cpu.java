package dev.upkeep.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The CPU time that processes have used, their children's included, from /proc.
 *
 * <p>Source: proc(5), {@code /proc/pid/stat}, fields 14 to 17, in clock ticks of 10 ms.
 */
final class Cpu {
    private static final long MILLIS_A_TICK = 10;

    private Cpu() {}

    /** Milliseconds used so far, by name. */
    static Map<String, Long> of(Map<String, Long> pids) {
        Map<String, Long> used = new TreeMap<>();
        pids.forEach((name, pid) -> used.put(name, of(pid)));
        return used;
    }

    /** Milliseconds that this process alone has used: it is the ancestor of all the others. */
    static long self() {
        return own(ProcessHandle.current().pid(), 2);
    }

    private static long of(long pid) {
        List<Long> all = new ArrayList<>(List.of(pid));
        ProcessHandle.of(pid).ifPresent(process -> process.descendants().forEach(child -> all.add(child.pid())));
        return all.stream().mapToLong(each -> own(each, 4)).sum();
    }

    private static long own(long pid, int fieldsCounted) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The command's name may hold blanks; what follows its closing bracket does not.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long ticks = 0;
            for (int field = 11; field < 11 + fieldsCounted; field++) {
                ticks += Long.parseLong(fields[field]);
            }
            return ticks * MILLIS_A_TICK;
        } catch (IOException gone) {
            return 0;
        }
    }

    /** What was used between two readings, by name. */
    static Map<String, Long> between(Map<String, Long> before, Map<String, Long> after) {
        Map<String, Long> used = new TreeMap<>();
        after.forEach((name, millis) -> used.put(name, millis - before.getOrDefault(name, 0L)));
        return used;
    }
}
