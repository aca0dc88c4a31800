package dev.upkeep.planner.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;

class TextTest {
    private static final String YAML = """
            # a comment
            product: orchard
            components:
              - {name: api, uses: {database: db, "a/b": c}}
              - name: db
                settings:
                  url: |
                    many
                    lines
            rings: [{name: one},
              {name: two}]
            """;

    @Test
    void knowsWhereEachKeyAndItemBegins() throws Exception {
        Written written = Text.written(YAML, true);

        assertThat(written.at("/product")).isEqualTo(new Place(2, 1));
        assertThat(written.at("/components")).isEqualTo(new Place(3, 1));
        assertThat(written.at("/components/0")).isEqualTo(new Place(4, 5));
        assertThat(written.at("/components/0/name")).isEqualTo(new Place(4, 6));
        assertThat(written.at("/components/0/uses/database")).isEqualTo(new Place(4, 24));
        assertThat(written.at("/components/0/uses/a~1b")).isEqualTo(new Place(4, 38));
        assertThat(written.at("/components/1")).isEqualTo(new Place(5, 5));
        assertThat(written.at("/components/1/settings/url")).isEqualTo(new Place(7, 7));
        assertThat(written.at("/rings/1")).isEqualTo(new Place(11, 3));
        assertThat(written.at("/rings/1/name")).isEqualTo(new Place(11, 4));
    }

    @Test
    void findsWhatIsMissingWhereTheNearestThingAroundItBegins() throws Exception {
        Written written = Text.written(YAML, true);

        assertThat(written.at("/components/0/driver")).isEqualTo(new Place(4, 5));
        assertThat(written.at("/components/1/settings/a/b/c")).isEqualTo(new Place(6, 5));
        assertThat(written.at("/procedures/0/steps")).isEqualTo(new Place(2, 1));
        assertThat(written.at("")).isEqualTo(new Place(2, 1));
    }

    @Test
    void knowsThePlacesOfJsonToo() throws Exception {
        Written written = Text.written("{\n  \"a\": [1,\n    {\"b\": null}]\n}", false);

        assertThat(written.at("/a")).isEqualTo(new Place(2, 3));
        assertThat(written.at("/a/0")).isEqualTo(new Place(2, 9));
        assertThat(written.at("/a/1/b")).isEqualTo(new Place(3, 6));
    }

    @Test
    void readsEveryKindOfValueAsBefore() throws Exception {
        assertThat(Text.canonical(Text.tree(
                        "{a: 1, b: 5000000000, c: 1.5, d: true, e: no, f: ~, g: \"1\", h: 99999999999999999999, i: '', j: []}",
                        true)))
                .isEqualTo("{\"a\":1,\"b\":5000000000,\"c\":1.5,\"d\":true,\"e\":\"no\",\"f\":null,\"g\":\"1\","
                        + "\"h\":99999999999999999999,\"i\":\"\",\"j\":[]}");
    }

    @Test
    void takesAnAliasForWhatItsAnchorNames() throws Exception {
        assertThat(Text.canonical(Text.tree("a: &x {b: [1, two]}\nc: *x\nd: [*x, &y [*x]]\ne: *y\n", true)))
                .isEqualTo("{\"a\":{\"b\":[1,\"two\"]},\"c\":{\"b\":[1,\"two\"]},"
                        + "\"d\":[{\"b\":[1,\"two\"]},[{\"b\":[1,\"two\"]}]],\"e\":[{\"b\":[1,\"two\"]}]}");
        assertThat(Text.written("a: &x {b: 1}\nc: *x\n", true).at("/c/b")).isEqualTo(new Place(2, 1));
    }

    @Test
    void refusesAnAliasOfNothingOrOfItself() {
        assertThat(refused("a: *x\n")).isEqualTo(new Place(1, 4));
        assertThat(refused("a: &x one\nb: *x\n")).isEqualTo(new Place(2, 4));
        assertThat(refused("a: &x {b: 1, c: *x}\n")).isEqualTo(new Place(1, 17));
        assertThat(refused("a: &x [*x]\n")).isEqualTo(new Place(1, 8));
    }

    @Test
    void refusesAliasesThatWouldFillTheMemoryAndNestingWithoutEnd() {
        StringBuilder laughs = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            String before = "*a" + (i - 1);
            laughs.append("a%d: &a%d [%s]\n".formatted(i, i, (before + ", ").repeat(9) + before));
        }
        assertThat(refused(laughs.toString())).isNotNull();
        assertThat(refused("a: " + "[".repeat(5_000) + "]".repeat(5_000))).isNotNull();
        assertThat(catchThrowableOfType(
                        Refused.class, () -> Text.tree("{\"a\":" + "[".repeat(60) + "]".repeat(60) + "}", false)))
                .isNotNull();
    }

    @Test
    void saysWhereATextStopsBeingReadable() {
        assertThat(refused("a: 1\nb: [1\nc: 2\n").line()).isGreaterThanOrEqualTo(2);
        assertThat(refused("a: 1\na: 2\n").line()).isEqualTo(2);
        assertThat(refused("- a\n")).isEqualTo(new Place(1, 1));
        assertThat(refused("a: 1\n---\nb: 2\n")).isEqualTo(new Place(3, 1));
    }

    private static Place refused(String yaml) {
        Refused refused = catchThrowableOfType(Refused.class, () -> Text.tree(yaml, true));
        assertThat(refused).as(yaml).isNotNull();
        return refused.place().orElseThrow();
    }
}
