package dev.upkeep.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.document.ProductDocument;
import dev.upkeep.planner.document.Refused;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** A verb that says what is wrong with files, by line and column, and asks no service. */
abstract class Lint extends Verb {
    private static final Comparator<Finding> AS_READ = Comparator.comparing(
                    (Finding finding) -> finding.file().toString())
            .thenComparing(finding -> finding.place().line())
            .thenComparing(finding -> finding.place().column());

    /** Everything that is wrong; nothing if all of them may be sent. */
    abstract List<Finding> findings() throws Findings;

    @Override
    final ExitCode run() {
        List<Finding> found = found().stream().distinct().sorted(AS_READ).toList();
        print(tree(found), answer -> {
            found.forEach(finding -> out().println(finding.line()));
            if (found.isEmpty()) {
                out().println("nothing is wrong");
            }
        });
        return found.isEmpty() ? ExitCode.OK : ExitCode.REFUSED;
    }

    private List<Finding> found() {
        try {
            return findings();
        } catch (Findings unreadable) {
            return unreadable.found();
        }
    }

    private static ArrayNode tree(List<Finding> found) {
        ArrayNode tree = new ObjectMapper().createArrayNode();
        for (Finding finding : found) {
            ObjectNode node = tree.addObject();
            node.put("file", finding.file().toString());
            node.put("line", finding.place().line());
            node.put("column", finding.place().column());
            node.put("pointer", finding.problem().pointer());
            node.put("detail", finding.problem().detail());
            node.put("fix", finding.problem().fix());
            if (!finding.problem().rule().isEmpty()) {
                node.put("rule", finding.problem().rule());
            }
        }
        return tree;
    }

    /** The product that a file describes; without it nothing else can be judged. */
    static Product product(Path file) throws Findings {
        Source source = Source.read(file);
        try {
            return ProductDocument.read(source.written().tree());
        } catch (Refused refused) {
            throw new Findings(source.findings(refused));
        }
    }
}
