package dev.upkeep.planner.products;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.document.ProductDocument;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.ReleaseDocument;
import dev.upkeep.planner.document.TenantDocument;
import dev.upkeep.planner.document.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What lies under deploy/products of one product: its descriptor, its releases, its tenants, and what is refused. */
public record Shelf(String name, Product product, List<Release> releases, List<Tenant> tenants) {
    private static final Path PLACE = Path.of("../deploy/products");

    /** The names of all products that have a descriptor there. */
    public static List<String> products() {
        return files(PLACE).stream()
                .map(file -> file.getFileName().toString().replace(".yaml", ""))
                .toList();
    }

    public static Shelf of(String name) {
        Product product = read(PLACE.resolve(name + ".yaml"), ProductDocument::read);
        return new Shelf(
                name,
                product,
                files(PLACE.resolve(name).resolve("releases")).stream()
                        .map(file -> read(file, tree -> ReleaseDocument.read(tree, product)))
                        .sorted(Comparator.comparing(Release::version))
                        .toList(),
                files(PLACE.resolve(name).resolve("tenants")).stream()
                        .map(file -> read(file, tree -> TenantDocument.read(tree, product)))
                        .toList());
    }

    Tenant tenant(String id) {
        return tenants.stream()
                .filter(t -> t.id().value().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " has no tenant " + id));
    }

    /** What the tenants that stand for a tenant's parts run, by their documents. */
    public Map<ComponentName, Version> peers(Tenant tenant) {
        Map<TenantId, Version> runs = new HashMap<>();
        tenants.forEach(t -> runs.put(t.id(), t.version()));
        return Case.peers(tenant, runs);
    }

    Path descriptor() {
        return PLACE.resolve(name + ".yaml");
    }

    /** The documents that must be refused. */
    List<Path> refused() {
        return files(PLACE.resolve(name).resolve("refused"));
    }

    interface Reading<T> {
        T of(JsonNode tree) throws Refused;
    }

    static <T> T read(Path file, Reading<T> reading) {
        try {
            return reading.of(Text.tree(Files.readString(file), true));
        } catch (Refused refused) {
            throw new AssertionError(file + ": " + refused.problems(), refused);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
