package io.instanceworker.contracts.testing;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.json.StrictJson;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Values that messages are made of, with a taste for the unusual. They are drawn from a random number generator directly,
 * since jqwik's own combinators become very slow with documents of this size.
 */
public final class Any {

    private static final String SCHOOL = "\uD83C\uDFEB";
    private static final List<String> PRINTABLE =
            List.of("a", "Z", "9", "-", "_", "/", ".", ":", " ", "\"", "'", "\\", "<", "&", "é", "ß", "ı", "漢", SCHOOL);
    private static final List<String> INVISIBLE = List.of("\u200d", "\ue000", "\u00ad");
    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private final Random random;

    private Any(Random random) {
        this.random = random;
    }

    public static <T> Arbitrary<T> arbitrary(Function<Any, T> draw) {
        return Arbitraries.randomValue(random -> draw.apply(new Any(random)));
    }

    public boolean bool() {
        return random.nextBoolean();
    }

    public <T> T of(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    @SafeVarargs
    public final <T> T of(T... values) {
        return values[random.nextInt(values.length)];
    }

    public <T> @Nullable T maybe(Supplier<T> value) {
        return bool() ? value.get() : null;
    }

    /** Often one of the bounds. */
    public long number(long min, long max) {
        return switch (random.nextInt(4)) {
            case 0 -> min;
            case 1 -> max;
            default ->
                BigInteger.valueOf(max)
                        .subtract(BigInteger.valueOf(min))
                        .multiply(BigInteger.valueOf(random.nextInt(1_000_000)))
                        .divide(BigInteger.valueOf(1_000_000))
                        .add(BigInteger.valueOf(min))
                        .longValueExact();
        };
    }

    public int integer(int min, int max) {
        return Math.toIntExact(number(min, max));
    }

    public String jobId() {
        return line(PRINTABLE, bool() ? 150 : 20);
    }

    public String name() {
        return bool() ? line(PRINTABLE, 15) : "n" + line(INVISIBLE, 2) + line(PRINTABLE, 5);
    }

    private String line(List<String> characters, int maxLength) {
        String line = IntStream.rangeClosed(0, random.nextInt(maxLength))
                .mapToObj(i -> of(characters))
                .collect(Collectors.joining());
        return line.isBlank() ? "x" : line;
    }

    /** Any text, also over several lines and with half a surrogate pair in it. */
    public String text() {
        return of("", "x\r\n\ty", "\ud800", "\u0000", "a" + (char) random.nextInt(Character.MAX_VALUE), name());
    }

    public Instant instant() {
        Instant drawn = Instant.ofEpochSecond(
                number(FIRST.getEpochSecond(), LAST.getEpochSecond()), random.nextInt(1_000_000_000));
        return of(FIRST, LAST, drawn, drawn, drawn);
    }

    /** With at least one of the two that a job needs. */
    public InstanceRef instance() {
        boolean named = bool();
        return new InstanceRef(
                maybe(this::name), maybe(this::name), named ? name() : null, named ? maybe(this::name) : name());
    }

    /** Any JSON but null, with the number types that reading it gives. */
    public JsonNode context() {
        JsonNode value = value(3);
        byte[] json = StrictJson.write(StrictJson.newObject().set("context", value.isNull() ? value(0) : value));
        JsonNode read =
                StrictJson.parseObject(new String(json, StandardCharsets.UTF_8)).get("context");
        return read.isNull() ? StrictJson.newObject() : read;
    }

    private JsonNode value(int depth) {
        ObjectNode nodes = StrictJson.newObject();
        return switch (random.nextInt(depth == 0 ? 7 : 9)) {
            case 0 -> nodes.nullNode();
            case 1 -> nodes.booleanNode(bool());
            case 2 -> nodes.stringNode(name());
            case 3 -> nodes.stringNode("line\n\u0001\t\u2028end");
            case 4 -> nodes.numberNode(number(Long.MIN_VALUE / 2, Long.MAX_VALUE / 2));
            case 5 -> nodes.numberNode(new BigInteger(200, random).negate());
            case 6 -> nodes.numberNode(new BigDecimal(new BigInteger(100, random), integer(-400, 400)));
            case 7 -> {
                ArrayNode array = nodes.arrayNode();
                IntStream.range(0, random.nextInt(4)).forEach(i -> array.add(value(depth - 1)));
                yield array;
            }
            default -> {
                IntStream.range(0, random.nextInt(4)).forEach(i -> nodes.set(name(), value(depth - 1)));
                yield nodes;
            }
        };
    }
}
