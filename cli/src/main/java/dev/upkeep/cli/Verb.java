package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What every verb has: where the services are, how to print, and an exit code. */
abstract class Verb implements Callable<Integer> {
    @Mixin
    final Connection connection = new Connection();

    @Mixin
    final Output output = new Output();

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public final Integer call() {
        return run().code();
    }

    abstract ExitCode run();

    PrintWriter out() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the spec before it calls a verb");
        }
        return spec.commandLine().getOut();
    }

    void print(JsonNode answer, Consumer<JsonNode> table) {
        output.print(out(), answer, table);
    }

    static String text(JsonNode node, String field) {
        return node.path(field).asText("");
    }
}
