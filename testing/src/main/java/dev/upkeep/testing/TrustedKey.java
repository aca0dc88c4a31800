package dev.upkeep.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.List;
import java.util.Map;

/**
 * The key that the services under test trust, one for each JVM; {@link Tokens} signs with it. {@link Parts} brings it
 * along; a test that needs no other part takes this one alone, with {@code @WithTestResource(TrustedKey.class)}.
 */
public final class TrustedKey implements QuarkusTestResourceLifecycleManager {
    static final String SETTING = "mp.jwt.verify.publickey.location";
    private static final String KEY = "upkeep.parts.running.key";
    private static final String FILE = "upkeep.parts.running.key-file";
    // As in Parts: an interned literal is the one lock that all class loaders' copies of this class share.
    private static final Object LOCK = KEY;

    /** The key itself. */
    public static TestKey key() {
        List<String> words =
                Parts.shared(LOCK, KEY, () -> List.of(TestKey.fresh("test").words()));
        return TestKey.of(words.get(0), words.get(1), words.get(2));
    }

    static String location() {
        return Parts.shared(LOCK, FILE, () -> List.of("file:" + key().writeJwks()))
                .getFirst();
    }

    @Override
    public Map<String, String> start() {
        return Map.of(SETTING, location());
    }

    @Override
    public void stop() {
        // The key is shared with the applications of later tests.
    }
}
