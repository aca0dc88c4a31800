package dev.upkeep.contract.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.audit.Inspection.Owner;
import dev.upkeep.contract.audit.Inspection.Trouble;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a chain's hashes, its owner and its published heads tell of a change. */
class InspectionTest {
    private static final String CHAIN = "tenant:acme";
    private static final Instant AT = Instant.parse("2026-03-02T10:00:00Z");
    private static final KeyPair KEY = key();

    @Test
    void findsNothingWrongWithWhatWasWritten() {
        List<Link> chain = chain(5, "said");

        assertThat(inspect(chain, owner(chain), heads(chain, 2, 5))).isEmpty();
        assertThat(inspect(List.of(), new Owner(CHAIN, 0, Link.ORIGIN), List.of()))
                .isEmpty();
    }

    @Test
    void findsEveryEditAtItsPlaceWhateverPartOfTheLineWasEdited() {
        List<Link> chain = chain(5, "said");
        Link third = chain.get(2);
        List<Link> edits = List.of(
                with(
                        third,
                        AT.plusSeconds(9),
                        third.about(),
                        third.kind(),
                        third.step(),
                        third.text(),
                        third.details()),
                with(
                        third,
                        third.at(),
                        new Link.About("r-1", "acme", "u-2"),
                        third.kind(),
                        third.step(),
                        third.text(),
                        third.details()),
                with(third, third.at(), third.about(), "other", third.step(), third.text(), third.details()),
                with(third, third.at(), third.about(), third.kind(), "s-9", third.text(), third.details()),
                with(third, third.at(), third.about(), third.kind(), third.step(), "silence", third.details()),
                // The same text when a map is printed, and yet another map.
                with(
                        third,
                        third.at(),
                        third.about(),
                        third.kind(),
                        third.step(),
                        third.text(),
                        Map.of("a", "1, b=2")));

        for (Link edit : edits) {
            List<Link> edited = new ArrayList<>(chain);
            edited.set(2, edit);

            assertThat(inspect(edited, owner(chain), List.of()))
                    .map(Trouble::place)
                    .contains(3L);
        }
    }

    @Test
    void findsWhatIsMissingInTheMiddleAndAtTheEnd() {
        List<Link> chain = chain(5, "said");
        List<Link> hole = new ArrayList<>(chain);
        hole.remove(2);

        assertThat(inspect(hole, owner(chain), List.of()))
                .hasValueSatisfying(t -> assertThat(t.place()).isEqualTo(3));
        assertThat(inspect(chain.subList(0, 4), owner(chain), List.of()))
                .hasValueSatisfying(t -> assertThat(t.place()).isEqualTo(5));
        // Whoever cuts the end off and tells the owner so is given away by the head.
        assertThat(inspect(chain.subList(0, 4), owner(chain.subList(0, 4)), List.of()))
                .isEmpty();
        assertThat(inspect(chain.subList(0, 4), owner(chain.subList(0, 4)), heads(chain, 5)))
                .hasValueSatisfying(t -> assertThat(t.place()).isEqualTo(5));
    }

    @Test
    void findsThatAChainWasWrittenAnewWithAllItsHashes() {
        List<Link> chain = chain(5, "said");
        List<Link> forged = chain(5, "never said");

        assertThat(inspect(forged, owner(forged), List.of()))
                .as("nothing else tells")
                .isEmpty();
        assertThat(inspect(forged, owner(chain), List.of())).isPresent();
        assertThat(inspect(forged, owner(forged), heads(chain, 4)))
                .hasValueSatisfying(t -> assertThat(t.place()).isEqualTo(4));
    }

    @Test
    void findsALineThatWasAddedBehindItsOwnersBack() {
        List<Link> chain = chain(5, "said");

        assertThat(inspect(chain, owner(chain.subList(0, 4)), List.of()))
                .hasValueSatisfying(t -> assertThat(t.place()).isEqualTo(5));
    }

    @Test
    void missesAChainThatIsGoneWhole() {
        Inspection inspection = new Inspection(heads(chain(5, "said"), 5));
        inspection.begin("tenant:zeta");
        inspection.end(new Owner("tenant:zeta", 0, Link.ORIGIN));

        assertThat(inspection.gone())
                .hasValueSatisfying(t -> assertThat(t.chain()).isEqualTo(CHAIN));
    }

    /** Any one change to what is stored, at the rows or at the owner, is found as long as the last head was published. */
    @Test
    void findsWhateverIsChangedOnceItsHeadIsOut() {
        for (long seed = 1; seed <= 2_000; seed++) {
            Random random = new Random(seed);
            List<Link> chain = chain(2 + random.nextInt(8), "said " + seed);
            List<Head> heads = heads(chain, chain.size());
            List<Link> stored = new ArrayList<>(chain);
            int at = random.nextInt(chain.size());
            switch (random.nextInt(6)) {
                case 0 -> stored.remove(at);
                case 1 -> stored.subList(at, stored.size()).clear();
                case 2 -> stored.set(at, rehashed(stored, at, "forged"));
                case 3 -> {
                    Link edited = rehashed(stored, at, "forged");
                    stored.set(at, edited);
                    for (int i = at + 1; i < stored.size(); i++) {
                        stored.set(i, rehashed(stored, i, stored.get(i).text()));
                    }
                }
                case 4 -> {
                    int other = (at + 1) % chain.size();
                    Link one = stored.get(at);
                    stored.set(at, text(one, stored.get(other).text()));
                    stored.set(other, text(stored.get(other), one.text()));
                }
                default ->
                    stored.add(new Link(
                            CHAIN,
                            chain.size() + 1,
                            AT,
                            Link.About.NOTHING_ELSE,
                            "k",
                            "",
                            "forged",
                            Map.of(),
                            Link.hash(
                                    CHAIN,
                                    chain.size() + 1,
                                    chain.getLast().hash(),
                                    AT,
                                    Link.About.NOTHING_ELSE,
                                    "k",
                                    "",
                                    "forged",
                                    Map.of())));
            }
            // The thief tells the owner what fits, except where a line was added: then the owner is left alone.
            Owner owner = stored.size() > chain.size() || stored.isEmpty() ? owner(chain) : owner(stored);

            assertThat(inspect(stored, owner, heads)).as("seed " + seed).isPresent();
        }
    }

    @Test
    void knowsAHeadThatItsKeyDidNotSign() throws GeneralSecurityException {
        Head head = heads(chain(5, "said"), 5).getFirst();

        assertThat(head.isSignedBy(KEY.getPublic())).isTrue();
        assertThat(head.isSignedBy(key().getPublic())).isFalse();
        assertThat(new Head(
                                head.number(),
                                head.chain(),
                                head.place() - 1,
                                head.hash(),
                                head.at(),
                                head.seen(),
                                head.before(),
                                head.signature())
                        .isSignedBy(KEY.getPublic()))
                .isFalse();
        assertThat(new Head(1, CHAIN, 5, head.hash(), AT, "", Link.ORIGIN, "no base64").isSignedBy(KEY.getPublic()))
                .isFalse();
    }

    /** docs/reference/audit.md shows this hash: other programs are written by that page. */
    @Test
    void hashesAsTheReferenceSays() {
        assertThat(Link.hash(
                        CHAIN,
                        1,
                        Link.ORIGIN,
                        Instant.parse("2026-03-02T10:00:00.000001Z"),
                        new Link.About("", "acme", ""),
                        "tenant-registered",
                        "",
                        "registered with inkwell 1.0.0",
                        Map.of("by", "kim", "at", "desk")))
                .isEqualTo("b3564a7a12de9946f6597b9d761f406ec1ac72b88b1310f7e289ea3c9f66ee1c");
    }

    private static Optional<Trouble> inspect(List<Link> stored, Owner owner, List<Head> heads) {
        Inspection inspection = new Inspection(heads);
        inspection.begin(CHAIN);
        for (Link link : stored) {
            Optional<Trouble> trouble = inspection.next(link);
            if (trouble.isPresent()) {
                return trouble;
            }
        }
        return inspection.end(owner);
    }

    private static List<Link> chain(int length, String text) {
        List<Link> chain = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            chain.add(new Link(
                    CHAIN,
                    i + 1,
                    AT.plusSeconds(i),
                    new Link.About("r-1", "acme", "u-1"),
                    "kind",
                    "s-1",
                    text + " " + i,
                    Map.of("a", "1", "b", "2"),
                    ""));
            chain.set(i, rehashed(chain, i, text + " " + i));
        }
        return chain;
    }

    private static Link rehashed(List<Link> chain, int at, String text) {
        String before = at == 0 ? Link.ORIGIN : chain.get(at - 1).hash();
        Link link = chain.get(at);
        return new Link(
                link.chain(),
                link.place(),
                link.at(),
                link.about(),
                link.kind(),
                link.step(),
                text,
                link.details(),
                Link.hash(
                        link.chain(),
                        link.place(),
                        before,
                        link.at(),
                        link.about(),
                        link.kind(),
                        link.step(),
                        text,
                        link.details()));
    }

    private static Link text(Link link, String text) {
        return with(link, link.at(), link.about(), link.kind(), link.step(), text, link.details());
    }

    private static Link with(
            Link link,
            Instant at,
            Link.About about,
            String kind,
            String step,
            String text,
            Map<String, String> details) {
        return new Link(link.chain(), link.place(), at, about, kind, step, text, details, link.hash());
    }

    private static Owner owner(List<Link> chain) {
        return new Owner(
                CHAIN,
                chain.size(),
                chain.isEmpty() ? Link.ORIGIN : chain.getLast().hash());
    }

    private static List<Head> heads(List<Link> chain, int... places) {
        List<Head> heads = new ArrayList<>();
        try {
            for (int place : places) {
                heads.add(Head.signed(
                        heads.size() + 1,
                        CHAIN,
                        place,
                        chain.get(place - 1).hash(),
                        AT,
                        "1-1",
                        heads.isEmpty() ? Link.ORIGIN : heads.getLast().fingerprint(),
                        KEY.getPrivate()));
            }
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
        return heads;
    }

    private static KeyPair key() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
