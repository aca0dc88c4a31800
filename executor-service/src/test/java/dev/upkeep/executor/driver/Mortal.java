package dev.upkeep.executor.driver;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.executor.driver.process.ProcessDriver;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An executor that is there to be killed: runs a program, or starts a component and waits. */
public final class Mortal {
    private Mortal() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        Work work = TestWork.in(directory.resolve("mortal-scratch"));
        if (arguments[0].equals("program")) {
            new LocalPrograms(List.of(Path.of("/usr/bin"), Path.of("/bin")))
                    .run(
                            List.of("/bin/sh", "-c", "echo $$ > " + directory + "/pid; exec sleep 300"),
                            Map.of(),
                            directory,
                            directory.resolve("output"),
                            work);
        } else {
            StepRequested request =
                    Wire.json().readValue(directory.resolve("request").toFile(), StepRequested.class);
            new ProcessDriver().perform(request, work);
            synchronized (Mortal.class) {
                Mortal.class.wait();
            }
        }
    }

    /** In a JVM of its own. */
    public static Process live(String what, Path directory) throws java.io.IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Mortal.class.getName(),
                        what,
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("mortal.log").toFile())
                .start();
    }
}
