package io.instanceworker.contracts.json;

import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The properties of a JSON object, read by type. A property that is null counts as absent. A property that is not as expected
 * causes an {@link IllegalArgumentException}. Its message has the path of the property, what is wrong and what is expected.
 */
public final class JsonProperties {

    private static final Instant EARLIEST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private final String path;
    private final UnaryOperator<String> fold;
    private final Map<String, List<JsonNode>> values = new HashMap<>();

    private JsonProperties(String path, ObjectNode object, UnaryOperator<String> fold) {
        this.path = path;
        this.fold = fold;
        object.properties()
                .forEach(p -> values.computeIfAbsent(fold.apply(p.getKey()), name -> new ArrayList<>())
                        .add(p.getValue()));
    }

    /** The names of properties are matched exactly. */
    public static JsonProperties exact(ObjectNode object) {
        return new JsonProperties("", object, UnaryOperator.identity());
    }

    /**
     * The names of properties are matched without regard to case. A name that occurs more than once, in different case, is an
     * error when the property is read.
     */
    public static JsonProperties anyCase(ObjectNode object) {
        return new JsonProperties("", object, name -> name.toLowerCase(Locale.ROOT));
    }

    /** The value, of any type; null if it is absent. */
    public @Nullable JsonNode any(String name) {
        List<JsonNode> found = values.getOrDefault(fold.apply(name), List.of());
        if (found.size() > 1) {
            throw mistake(name, "is there more than once, with different upper and lower case; give it once");
        }
        return found.isEmpty() || found.get(0).isNull() ? null : found.get(0);
    }

    /** The value, of any type, if it can be written as JSON again. */
    public @Nullable JsonNode anyText(String name) {
        JsonNode value = any(name);
        if (value != null && isBroken(value)) {
            throw mistake(name, "contains half of a surrogate pair (such as \\ud800 alone), which is no character");
        }
        return value;
    }

    public @Nullable JsonProperties object(String name) {
        JsonNode value = any(name);
        if (value == null) {
            return null;
        }
        if (value instanceof ObjectNode object) {
            return new JsonProperties(path + name + ".", object, fold);
        }
        throw wrongKind(name, "an object", value);
    }

    public List<JsonProperties> objects(String name) {
        JsonNode value = required(name, any(name));
        if (!value.isArray()) {
            throw wrongKind(name, "an array of objects", value);
        }
        List<JsonProperties> objects = new ArrayList<>();
        for (JsonNode element : value) {
            if (!(element instanceof ObjectNode object)) {
                throw wrongKind(name, "an array of objects", element);
            }
            objects.add(new JsonProperties(path + name + "[" + objects.size() + "].", object, fold));
        }
        return objects;
    }

    /** A required array of strings. */
    public List<String> strings(String name) {
        JsonNode value = required(name, any(name));
        if (!value.isArray()) {
            throw wrongKind(name, "an array of strings", value);
        }
        List<String> strings = new ArrayList<>();
        for (JsonNode element : value) {
            if (!element.isString()) {
                throw wrongKind(name, "an array of strings", element);
            }
            strings.add(element.asString());
        }
        return strings;
    }

    public @Nullable String string(String name) {
        JsonNode value = any(name);
        if (value == null) {
            return null;
        }
        if (!value.isString()) {
            throw wrongKind(name, "a string", value);
        }
        return value.stringValue();
    }

    /** A string on one line. An empty string counts as absent, because some serializers write it for a missing value. */
    public @Nullable String name(String name) {
        return name(name, Integer.MAX_VALUE);
    }

    /** As {@link #name(String)}, with limited length. */
    public @Nullable String name(String name, int maxCharacters) {
        String text = nameOrEmpty(name, maxCharacters);
        return text == null || text.isEmpty() ? null : text;
    }

    /** As {@link #name(String, int)}, but an empty string is returned and does not count as absent. */
    public @Nullable String nameOrEmpty(String name, int maxCharacters) {
        String text = string(name);
        if (text == null || text.isEmpty()) {
            return text;
        }
        if (text.isBlank()) {
            throw mistake(name, "must not be blank");
        }
        if (!text.codePoints().allMatch(Characters::isOfName)) {
            throw mistake(name, "must not contain control characters, line breaks or half a surrogate pair");
        }
        return limited(name, text, maxCharacters);
    }

    /** A name. A whole number is read as the string of its digits. */
    public @Nullable String nameOrNumber(String name, int maxCharacters) {
        JsonNode value = any(name);
        if (value != null && value.isIntegralNumber()) {
            return limited(name, value.bigIntegerValue().toString(), maxCharacters);
        }
        if (value != null && !value.isString()) {
            throw wrongKind(name, "a string or a whole number", value);
        }
        return name(name, maxCharacters);
    }

    private String limited(String name, String text, int maxCharacters) {
        int characters = text.codePointCount(0, text.length());
        if (characters > maxCharacters) {
            throw mistake(name, "has " + characters + " characters; at most " + maxCharacters + " are allowed");
        }
        return text;
    }

    /**
     * Text that is only informative, so it never causes an error. A value that is not a string, is blank or occurs twice counts
     * as absent. A character that is not allowed in a name becomes U+FFFD. Text that is too long is cut and ends with an
     * ellipsis.
     */
    public @Nullable String note(String name, int maxCharacters) {
        JsonNode value = oneOf(name);
        return value == null || !value.isString() || value.stringValue().isBlank()
                ? null
                : Excerpt.ofName(value.stringValue(), maxCharacters);
    }

    /** A point in time that is only informative, so it never causes an error. A value that is not a time counts as absent. */
    public @Nullable Instant noteOfTime(String name) {
        JsonNode value = oneOf(name);
        return value == null || !value.isString() ? null : parsed(value.stringValue());
    }

    private @Nullable JsonNode oneOf(String name) {
        List<JsonNode> found = values.getOrDefault(fold.apply(name), List.of());
        return found.size() == 1 ? found.get(0) : null;
    }

    public @Nullable Boolean bool(String name) {
        JsonNode value = any(name);
        if (value != null && !value.isBoolean()) {
            throw wrongKind(name, "true or false, without quotation marks", value);
        }
        return value == null ? null : value.booleanValue();
    }

    public @Nullable Long integer(String name, long min, long max) {
        JsonNode value = any(name);
        if (value == null) {
            return null;
        }
        if (!value.isNumber()) {
            throw wrongKind(name, "a whole number", value);
        }
        if (!value.isIntegralNumber() || !isWithin(value.bigIntegerValue(), min, max)) {
            throw mistake(name, "must be a whole number from " + min + " to " + max);
        }
        return value.longValue();
    }

    /** A point in time: ISO 8601 with an offset from UTC, in a year of four digits. */
    public @Nullable Instant instant(String name) {
        String text = string(name);
        if (text == null) {
            return null;
        }
        Instant instant = parsed(text);
        if (instant == null) {
            throw mistake(
                    name,
                    Excerpt.quoted(text)
                            + " is not a date and time with an offset from UTC, such as 2026-11-20T10:00:00Z or"
                            + " 2026-11-20T12:00:00+02:00");
        }
        return instant;
    }

    private static @Nullable Instant parsed(String text) {
        try {
            Instant instant = OffsetDateTime.parse(text).toInstant();
            return instant.isBefore(EARLIEST) || instant.isAfter(LATEST) ? null : instant;
        } catch (DateTimeException e) {
            return null;
        }
    }

    public <T> T required(String name, @Nullable T value) {
        if (value == null) {
            throw mistake(name, "is missing");
        }
        return value;
    }

    /** The exception to throw for a property that is wrong. */
    public IllegalArgumentException mistake(String name, String whatIsWrong) {
        return new IllegalArgumentException(path + name + ": " + whatIsWrong);
    }

    private IllegalArgumentException wrongKind(String name, String expected, JsonNode found) {
        return mistake(name, "must be " + expected + ", but is " + StrictJson.kindOf(found));
    }

    private static boolean isWithin(BigInteger number, long min, long max) {
        return number.compareTo(BigInteger.valueOf(min)) >= 0 && number.compareTo(BigInteger.valueOf(max)) <= 0;
    }

    private static boolean isBroken(JsonNode node) {
        if (node.isString()) {
            return Characters.isBroken(node.stringValue());
        }
        return node.propertyStream().anyMatch(p -> Characters.isBroken(p.getKey()))
                || node.valueStream().anyMatch(JsonProperties::isBroken);
    }
}
