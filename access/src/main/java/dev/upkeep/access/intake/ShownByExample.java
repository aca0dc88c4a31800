package dev.upkeep.access.intake;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/**
 * Writes a service's examples into the document of its endpoints, each as what is sent and what is answered. They stand
 * in one place, {@value #PLACE}, and the service's tests send them and compare the answers: what the document shows is so.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public final class ShownByExample implements OASFilter {
    /** Where a service's examples are, and those of each mechanism that it has. */
    public static final String PLACE = "META-INF/upkeep/examples.yaml";

    private static final ObjectMapper YAML = new YAMLMapper();

    /**
     * One example.
     *
     * @param shows what it shows, in words
     * @param sends method and path, as the document names them
     * @param as the role of the caller: viewer, operator, approver or customer
     * @param path what stands for the path's parameters
     * @param query query parameters
     * @param headers beside Authorization and Content-Type
     * @param body JSON; nothing is sent without
     * @param until where the answer is asked for again until it is so, by JSON pointer
     * @param status of the answer
     * @param answer the answer's body, JSON; it is compared with what is answered
     */
    public record Example(
            String shows,
            String sends,
            String as,
            @Nullable Map<String, String> path,
            @Nullable Map<String, String> query,
            @Nullable Map<String, String> headers,
            @Nullable Object body,
            @Nullable Map<String, String> until,
            int status,
            @Nullable Object answer) {}

    @Override
    public void filterOpenAPI(OpenAPI document) {
        for (Example example : examples()) {
            String[] sends = example.sends().split(" ", 2);
            PathItem path = document.getPaths().getPathItem(sends[1]);
            Operation operation = path == null
                    ? null
                    : path.getOperations().get(PathItem.HttpMethod.valueOf(sends[0].toUpperCase(Locale.ROOT)));
            if (operation == null) {
                throw new IllegalStateException("an example shows what is not there: " + example.sends());
            }
            show(operation, example);
        }
    }

    private static List<Example> examples() {
        try {
            List<Example> examples = new ArrayList<>();
            for (URL place : Collections.list(
                    Thread.currentThread().getContextClassLoader().getResources(PLACE))) {
                try (InputStream in = place.openStream()) {
                    examples.addAll(YAML.readValue(in, new TypeReference<List<Example>>() {}));
                }
            }
            return examples;
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the examples in " + PLACE + " can't be read", unreadable);
        }
    }

    private static void show(Operation operation, Example example) {
        if (operation.getParameters() != null) {
            for (Parameter parameter : operation.getParameters()) {
                Map<String, String> given = switch (parameter.getIn()) {
                    case PATH -> example.path();
                    case QUERY -> example.query();
                    case HEADER -> example.headers();
                    case COOKIE -> null;
                };
                if (given != null && given.containsKey(parameter.getName())) {
                    parameter.addExample(
                            example.shows(), OASFactory.createExample().value(given.get(parameter.getName())));
                }
            }
        }
        if (example.body() != null && operation.getRequestBody() != null) {
            operation
                    .getRequestBody()
                    .getContent()
                    .getMediaTypes()
                    .values()
                    .forEach(type -> add(type, example, example.body()));
        }
        if (operation.getResponses() == null) {
            operation.setResponses(OASFactory.createAPIResponses());
        }
        String status = Integer.toString(example.status());
        APIResponse response = operation.getResponses().getAPIResponse(status);
        if (response == null) {
            response = OASFactory.createAPIResponse().description(example.status() < 300 ? "OK" : "a problem");
            operation.getResponses().addAPIResponse(status, response);
        }
        if (example.answer() != null) {
            String type = example.status() < 300 ? "application/json" : "application/problem+json";
            if (response.getContent() == null) {
                response.setContent(OASFactory.createContent());
            }
            if (!response.getContent().hasMediaType(type)) {
                response.getContent().addMediaType(type, OASFactory.createMediaType());
            }
            add(response.getContent().getMediaType(type), example, example.answer());
        }
    }

    private static void add(MediaType type, Example example, Object value) {
        type.addExample(example.shows(), OASFactory.createExample().value(value));
    }
}
