package io.instanceworker.cli;

import io.instanceworker.cli.console.UsageException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What every job can have. */
final class HeaderOptions {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final int RANDOM_DIGITS = 6;

    /** What Java says of a user without a name, as in a container. */
    private static final String NAMELESS = "?";

    @Option(names = "--server", description = "the name of a configured server; if not given, the configured default")
    private @Nullable String server;

    @Option(names = "--job-id", description = "if not given, a new one is made")
    private @Nullable String jobId;

    @Option(
            names = "--requested-by",
            defaultValue = "${sys:user.name}",
            description = "for the events and the history; the name of the user if not given")
    private @Nullable String requestedBy;

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            description = "past it the job ends as DEADLINE_EXCEEDED, such as 2026-11-20T10:00:00Z")
    private @Nullable String deadline;

    @Option(names = "--context", paramLabel = "JSON", description = "repeated in every event of the job")
    private @Nullable String context;

    /** A new id that sorts by time: {@code add-20261122-101530-k3f9xq}. */
    static String newId(String prefix) {
        StringBuilder id = new StringBuilder(prefix)
                .append('-')
                .append(SECONDS.format(Instant.now()))
                .append('-');
        ThreadLocalRandom.current()
                .ints(RANDOM_DIGITS, 0, Character.MAX_RADIX)
                .forEach(digit -> id.append(Character.forDigit(digit, Character.MAX_RADIX)));
        return id.toString();
    }

    void putInto(ObjectNode message) {
        message.put("jobId", jobId).put("server", server);
        message.put("requestedBy", NAMELESS.equals(requestedBy) ? null : requestedBy)
                .put("deadline", deadline);
        if (context != null) {
            try {
                message.set("context", JsonMapper.shared().readTree(context));
            } catch (JacksonException e) {
                throw new UsageException("--context is not JSON: " + e.getOriginalMessage());
            }
        }
    }
}
