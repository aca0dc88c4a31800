package dev.upkeep.planner.changelog;

import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Policies.NotesPolicy;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Release.Section;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a changelog says of one version. */
public final class Edition {
    private final Version version;
    private final Optional<LocalDate> date;
    private final boolean yanked;
    private final List<Passage> passages;
    private final String source;

    Edition(Version version, Optional<LocalDate> date, boolean yanked, List<Passage> passages, String source) {
        this.version = version;
        this.date = date;
        this.yanked = yanked;
        this.passages = List.copyOf(passages);
        this.source = source;
    }

    /** The version. */
    public Version version() {
        return version;
    }

    /** When it came out, where its heading says so. */
    public Optional<LocalDate> date() {
        return date;
    }

    /** Whether its heading says that it was withdrawn. */
    public boolean isYanked() {
        return yanked;
    }

    /** Its part of the text; read again, it says the same, whatever else was added to the changelog meanwhile. */
    public String source() {
        return source;
    }

    /** The sections in the order of the text, each where it is first said something under. */
    public List<Section> order() {
        LinkedHashSet<Section> order = new LinkedHashSet<>();
        passages.stream().filter(p -> !p.items().isEmpty()).forEach(p -> order.add(p.section()));
        return List.copyOf(order);
    }

    /** As notes, with the triggers that a product asks for. */
    public Release.Notes notes(NotesPolicy policy) {
        Map<Section, List<String>> sections = new EnumMap<>(Section.class);
        for (Passage passage : passages) {
            for (Item item : passage.items()) {
                sections.computeIfAbsent(item.section().orElse(passage.section()), s -> new ArrayList<>())
                        .add(item.text());
            }
        }
        return new Release.Notes(sections, Triggers.in(passages, policy));
    }
}
