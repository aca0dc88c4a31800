package dev.upkeep.access.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.testing.Tokens;
import dev.upkeep.testing.TrustedKey;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said to a request that no endpoint can make anything of. */
@QuarkusTest
@WithTestResource(TrustedKey.class)
class MisdirectedTest {
    private static final String TOKEN = Tokens.staff("ada", "operator");

    @TestHTTPResource
    URI root;

    private Client client;

    @BeforeEach
    void connect() {
        client = new Client(root);
    }

    @Test
    void readsWhatIsUtf8() {
        byte[] greeting = "grüße: 👋".getBytes(StandardCharsets.UTF_8);

        assertThat(client.put("/v1/words", TOKEN, "application/yaml", greeting).body())
                .isEqualTo("read grüße: 👋");
    }

    @Test
    void refusesWhatIsNot() {
        byte[] latin = "grüße".getBytes(StandardCharsets.ISO_8859_1);

        Client.Answer answer = client.put("/v1/words", TOKEN, "application/yaml", latin);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.said("/type")).isEqualTo("urn:upkeep:problem:body-unreadable");
        assertThat(answer.said("/detail")).isEqualTo("the body is not UTF-8: byte 2 begins no character of it");
        assertThat(answer.said("/errors/0/fix")).isNotBlank();
    }

    @Test
    void findsTheFirstWrongByte() {
        assertThat(Utf8Only.firstWrong(new byte[0])).isEqualTo(-1);
        assertThat(Utf8Only.firstWrong("€".getBytes(StandardCharsets.UTF_8))).isEqualTo(-1);
        // A character that ends in the middle, and a surrogate on its own.
        assertThat(Utf8Only.firstWrong(new byte[] {'a', (byte) 0xe2, (byte) 0x82}))
                .isEqualTo(1);
        assertThat(Utf8Only.firstWrong(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}))
                .isEqualTo(0);
    }

    @Test
    void saysWhatIsWrongWithTheRequest() {
        Client.Answer nowhere = client.get("/v1/nowhere", TOKEN);
        Client.Answer method = client.get("/v1/words", TOKEN);
        Client.Answer type = client.put("/v1/words", TOKEN, "text/csv", new byte[] {'a'});

        assertThat(nowhere.status()).isEqualTo(404);
        assertThat(nowhere.said("/errors/0/fix")).contains("/q/openapi");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.said("/detail")).isEqualTo("this path does not take this method");
        assertThat(type.status()).isEqualTo(415);
        assertThat(type.said("/errors/0/pointer")).isEqualTo("/Content-Type");
        assertThat(type.type()).startsWith("application/problem+json");
    }
}
