package dev.upkeep.access.intake;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Refuses a body that is not UTF-8: read as if it were, a letter would quietly become another. */
@Provider
class Utf8Only implements ReaderInterceptor {
    @Override
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        byte[] body = context.getInputStream().readAllBytes();
        int wrong = firstWrong(body);
        if (wrong >= 0) {
            throw new WebApplicationException(Problem.of(
                            400,
                            "body-unreadable",
                            "",
                            "the body is not UTF-8: byte " + wrong + " begins no character of it",
                            "save the document as UTF-8")
                    .response());
        }
        context.setInputStream(new ByteArrayInputStream(body));
        return context.proceed();
    }

    /** Where the first byte is that belongs to no character, counted from 0; -1 if there is none. */
    static int firstWrong(byte[] body) {
        ByteBuffer in = ByteBuffer.wrap(body);
        var result = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(in, CharBuffer.allocate(body.length), true);
        return result.isError() ? in.position() : -1;
    }
}
