package io.instanceworker.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LibraryLogFilterTest {

    private static final String CONTAINER = "org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer";

    private final LoggerContext context = new LoggerContext();
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
    private final Logger container = context.getLogger(CONTAINER);
    private Instant now = Instant.parse("2026-11-20T10:00:00Z");

    @BeforeEach
    void install() {
        InstantSource time = () -> now;
        context.addTurboFilter(new LibraryLogFilter(time.withZone(ZoneOffset.UTC)));
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        appender.start();
        root.addAppender(appender);
    }

    private List<String> lines() {
        return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static Exception refused(int port) {
        return new IllegalStateException(
                "cannot connect", new ConnectException("Connection refused: localhost/127.0.0.1:" + port));
    }

    @Test
    void aProblemIsOneLineWithItsCauseAndNoStackTrace() {
        container.error("Failed to check queues", refused(5672));
        assertThat(lines()).containsExactly("Failed to check queues: Connection refused: localhost/127.0.0.1:5672");
        assertThat(appender.list.get(0).getThrowableProxy()).isNull();
        assertThat(appender.list.get(0).getLevel()).isEqualTo(Level.ERROR);
        assertThat(appender.list.get(0).getLoggerName()).isEqualTo(CONTAINER);
    }

    @Test
    void aProblemIsRepeatedAfterAMinuteWithTheNumberOfLinesLeftOut() {
        for (int attempt = 0; attempt < 1000; attempt++) {
            container.warn("Consumer@{} failed on port {}", Integer.toHexString(attempt * 31), attempt);
        }
        assertThat(lines()).hasSize(1);
        now = now.plus(Duration.ofSeconds(60));
        container.warn("Consumer@5d failed on port 7");
        assertThat(lines())
                .containsExactly(
                        "Consumer@0 failed on port 0",
                        "Consumer@5d failed on port 7 (999 more lines like this were left out)");
        now = now.plus(Duration.ofSeconds(60));
        container.warn("Consumer@5d failed on port 8");
        assertThat(lines()).endsWith("Consumer@5d failed on port 8");
    }

    @Test
    void anotherProblemIsLoggedAtOnce() {
        container.warn("Failed to declare queue: instance.jobs.query");
        container.warn("Failed to declare queue: instance.jobs.provision");
        assertThat(lines()).hasSize(2);
    }

    @Test
    void aCauseThatSeveralLoggersReportIsOneProblem() {
        container.error("Failed to check queues", refused(5672));
        context.getLogger("com.rabbitmq.client.impl.ForgivingExceptionHandler").warn("Recovery failed", refused(5672));
        assertThat(lines()).hasSize(1);
    }

    @Test
    void theReplyTextOfTheServerIsShownWithoutTheProtocolMethod() {
        context.getLogger("org.springframework.amqp.rabbit.connection.CachingConnectionFactory")
                .error("Shutdown Signal: channel error; protocol method: #method<channel.close>(reply-code=404,"
                        + " reply-text=NOT_FOUND - no queue 'instance.jobs.query' in vhost '/', class-id=50,"
                        + " method-id=10)");
        assertThat(lines())
                .containsExactly(
                        "Shutdown Signal: channel error; NOT_FOUND - no queue 'instance.jobs.query' in vhost '/'");
    }

    @Test
    void aDefectIsLoggedWithItsStackTrace() {
        container.warn("Execution of Rabbit message listener failed.", new NullPointerException("the defect"));
        assertThat(appender.list.get(0).getThrowableProxy()).isNotNull();
    }

    @Test
    void anExceptionAmongTheParametersIsACauseToo() {
        context.getLogger("com.rabbitmq.client.impl.ForgivingExceptionHandler")
                .warn("An unexpected connection driver error occurred ({})", "here", refused(1));
        assertThat(lines())
                .containsExactly("An unexpected connection driver error occurred (here): Connection refused:"
                        + " localhost/127.0.0.1:1");
    }

    @Test
    void otherLoggersAndLevelsAreNotFiltered() {
        Logger ours = context.getLogger("io.instanceworker.messaging.JobListener");
        ours.error("ours", refused(1));
        ours.error("ours", refused(1));
        container.info("Restarting");
        container.info("Restarting");
        container.debug("not enabled");
        container.setLevel(Level.ERROR);
        container.warn("not enabled either");
        assertThat(lines()).containsExactly("ours", "ours", "Restarting", "Restarting");
        assertThat(appender.list.get(0).getThrowableProxy()).isNotNull();
    }
}
