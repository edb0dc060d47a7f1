package io.instanceworker.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.helpers.FormattingTuple;
import org.slf4j.helpers.MessageFormatter;

/**
 * Shortens warnings and errors of the libraries for RabbitMQ, PostgreSQL and connection pools. While a server is unreachable or
 * refuses something, every consumer logs this at every attempt, with a stack trace. This filter logs a problem in one line, at
 * most once a minute, with the number of lines that were left out. A stack trace is logged only if the cause is a defect.
 */
public final class LibraryLogFilter extends TurboFilter {

    private static final List<String> LIBRARIES =
            List.of("org.springframework.amqp.", "com.rabbitmq.", "com.zaxxer.hikari.", "org.postgresql.");

    private static final Duration PAUSE = Duration.ofMinutes(1);

    private static final int PROBLEMS_REMEMBERED = 200;

    /** The RabbitMQ client's text for a channel or connection that the server has closed. */
    private static final Pattern CLOSE_METHOD = Pattern.compile(
            "protocol method: #method<[^>]*>\\(reply-code=\\d+, reply-text=(.*?), class-id=\\d+, method-id=\\d+\\)");

    /** Identities of objects, ports and counters, which differ between two lines about the same problem. */
    private static final Pattern CHANGING = Pattern.compile("@[0-9a-f]+|[0-9a-f]*\\d[0-9a-f]*");

    private final Clock clock;

    private final Map<String, Problem> problems = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Problem> eldest) {
            return size() > PROBLEMS_REMEMBERED;
        }
    };

    private record Problem(Instant logged, int leftOut) {}

    LibraryLogFilter(Clock clock) {
        this.clock = clock;
    }

    public static void install() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).addTurboFilter(new LibraryLogFilter(Clock.systemUTC()));
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] params,
            @Nullable Throwable thrown) {
        boolean isQuestionWhetherEnabled = format == null;
        if (isQuestionWhetherEnabled
                || !level.isGreaterOrEqual(Level.WARN)
                || LIBRARIES.stream().noneMatch(logger.getName()::startsWith)
                || !logger.isEnabledFor(level)) {
            return FilterReply.NEUTRAL;
        }
        Object[] values = params == null ? new Object[0] : params;
        FormattingTuple message = thrown == null
                ? MessageFormatter.arrayFormat(format, values)
                : MessageFormatter.arrayFormat(format, values, thrown);
        Throwable cause = rootCause(message.getThrowable());
        String line = line(String.valueOf(message.getMessage()), cause);
        // Several loggers report the same cause, each with another text.
        Problem before =
                next(CHANGING.matcher(cause == null ? line : cause.toString()).replaceAll("#"));
        if (before != null) {
            String count =
                    before.leftOut() == 0 ? "" : " (" + before.leftOut() + " more lines like this were left out)";
            Throwable shown = isDefect(cause) ? message.getThrowable() : null;
            logger.callAppenders(
                    new LoggingEvent(LibraryLogFilter.class.getName(), logger, level, line + count, shown, null));
        }
        return FilterReply.DENY;
    }

    /** @return the earlier lines of this problem, if it is to be logged now; else null */
    private synchronized @Nullable Problem next(String problem) {
        Instant now = clock.instant();
        Problem before = problems.remove(problem);
        if (before == null || !now.isBefore(before.logged().plus(PAUSE))) {
            problems.put(problem, new Problem(now, 0));
            return before == null ? new Problem(now, 0) : before;
        }
        problems.put(problem, new Problem(before.logged(), before.leftOut() + 1));
        return null;
    }

    private static String line(String message, @Nullable Throwable cause) {
        String reason = cause == null
                ? ""
                : cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        String line = message.contains(reason) ? message : message + ": " + reason;
        return CLOSE_METHOD.matcher(line).replaceAll("$1").replaceAll("\\s*\\R\\s*", " ");
    }

    private static @Nullable Throwable rootCause(@Nullable Throwable thrown) {
        return thrown == null || thrown.getCause() == null ? thrown : rootCause(thrown.getCause());
    }

    /** A problem of a server or network is a checked exception (java.io, java.net, java.sql) or an exception of a library. */
    private static boolean isDefect(@Nullable Throwable cause) {
        return cause instanceof Error
                || (cause instanceof RuntimeException
                        && cause.getClass().getName().startsWith("java."));
    }
}
