package io.instanceworker.contracts.json;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and writes JSON. Text after the end and duplicate properties are errors, and numbers keep their exact value.
 *
 * <p>All settings are explicit, because Jackson's defaults changed between its major versions.
 */
public final class StrictJson {

    /** The default maximum depth of .NET's JSON reader. */
    static final int MAX_DEPTH = 64;

    /** Lower, because an event has the job's context one level deeper, and must stay below {@link #MAX_DEPTH}. */
    static final int MAX_DEPTH_OF_JOB = 60;

    private static final JsonMapper MAPPER = mapper(MAX_DEPTH);
    private static final JsonMapper JOB_MAPPER = mapper(MAX_DEPTH_OF_JOB);
    private static final ObjectWriter ASCII = MAPPER.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

    private StrictJson() {}

    private static JsonMapper mapper(int maxDepth) {
        return JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(maxDepth)
                                .build())
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .build();
    }

    public static ObjectNode newObject() {
        return MAPPER.createObjectNode();
    }

    /** The JSON as UTF-8, without white space, with the properties in their order. */
    public static byte[] write(JsonNode node) {
        return MAPPER.writeValueAsBytes(node);
    }

    /** The JSON as text in which all characters other than ASCII are escaped. */
    public static String writeAscii(JsonNode node) {
        return ASCII.writeValueAsString(node);
    }

    /**
     * Reads text that holds one JSON object and nothing else.
     *
     * @throws IllegalArgumentException otherwise; its message is for people
     */
    public static ObjectNode parseObject(String text) {
        return object(text, MAPPER);
    }

    /** As {@link #parseObject}, for a job, with {@link #MAX_DEPTH_OF_JOB}. */
    public static ObjectNode parseJob(String text) {
        return object(text, JOB_MAPPER);
    }

    private static ObjectNode object(String text, JsonMapper mapper) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("The message is empty.");
        }
        JsonNode node = parse(text, mapper);
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalArgumentException("The message must be a JSON object, but is " + kindOf(node) + ".");
    }

    /** The type of the JSON value in words: {@code a string}. */
    static String kindOf(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> "a string";
            case NUMBER -> node.isIntegralNumber() ? "a number" : "a number with a fraction or an exponent";
            case BOOLEAN -> "true or false";
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            default -> "null";
        };
    }

    private static JsonNode parse(String text, JsonMapper mapper) {
        try {
            return mapper.readTree(text);
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new IllegalArgumentException("The message is not valid JSON" + where + ": " + reason(e), e);
        } catch (RuntimeException e) {
            // Jackson does not wrap every exception from number parsing.
            throw new IllegalArgumentException("The message is not valid JSON: " + Excerpt.of(e.getMessage()), e);
        }
    }

    private static String reason(JacksonException e) {
        if (e instanceof UnexpectedEndOfInputException) {
            return "it ends too early.";
        }
        if (e instanceof MismatchedInputException) {
            return "there is something after its end.";
        }
        if (e instanceof StreamConstraintsException) {
            return "it is nested too deeply, or a number or a property name in it is too long.";
        }
        return Excerpt.of(e.getOriginalMessage());
    }
}
