package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One version of a product; it never changes once it is published.
 *
 * @param artifacts the components' bytes; a component that it does not name stays as it is
 * @param migrations those that it adds to the release before it, in the order they run
 */
public record Release(
        ProductName product,
        Version version,
        Map<ComponentName, Artifact> artifacts,
        List<Migration> migrations,
        Notes notes) {
    public Release {
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(version, "version");
        artifacts = Map.copyOf(artifacts);
        migrations = List.copyOf(migrations);
        Objects.requireNonNull(notes, "notes");
    }

    /** What a person is told, by section. */
    public record Notes(List<String> added, List<String> changed, List<String> removed, List<String> breaking) {
        public Notes {
            added = List.copyOf(added);
            changed = List.copyOf(changed);
            removed = List.copyOf(removed);
            breaking = List.copyOf(breaking);
        }

        /** One line a note, what hurts most first. */
        public List<String> lines() {
            return Stream.of(
                            breaking.stream().map(n -> "breaking: " + n),
                            removed.stream().map(n -> "removed: " + n),
                            changed.stream().map(n -> "changed: " + n),
                            added.stream().map(n -> "added: " + n))
                    .flatMap(lines -> lines)
                    .toList();
        }
    }
}
