package io.instanceworker.cli;

import io.instanceworker.cli.console.UsageException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import picocli.CommandLine.Option;

/** How long a command waits for the result of its job. */
final class WaitOptions {

    private static final Duration FOR_EVER = Duration.ofDays(365);

    @Option(names = "--no-wait", description = "ends when RabbitMQ has the job")
    boolean noWait;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "how long to wait for the result, such as 90s, 10m or 2h; if not given, until it is there")
    private @Nullable String timeout;

    Duration timeout() {
        return duration(timeout);
    }

    static Duration duration(@Nullable String text) {
        if (text == null) {
            return FOR_EVER;
        }
        try {
            return DurationStyle.detectAndParse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--timeout " + text + " is no time such as 90s, 10m or 2h.");
        }
    }
}
