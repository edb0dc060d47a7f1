package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.Forwarder;
import io.instanceworker.testing.RabbitMqServer;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a CREATE DATABASE when the job comes to a second worker while the first one's session goes on with it. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 18})
class OrphanIT {

    @Parameter
    int major;

    private EndToEnd e2e;

    @BeforeEach
    void open() {
        e2e = EndToEnd.open(major, "Orphan");
    }

    @AfterEach
    void close() {
        e2e.close();
    }

    private WorkerProcess start() {
        return e2e.start(e2e.settings()).awaitReady();
    }

    private String copyInProgress() {
        e2e.send(JobJson.of("Copy", "copy", e2e.database("copy")).source(e2e.database("source")));
        e2e.databases().awaitCreate();
        e2e.events().awaitProgress("copy");
        return e2e.databases().createPids().get(0);
    }

    /** CREATE DATABASE waits for this lock on its source as long as it is held. */
    private Connection holdSource() throws Exception {
        Connection session = e2e.databases().session("postgres", "in the way");
        session.setAutoCommit(false);
        try (Statement statement = session.createStatement()) {
            statement.execute("COMMENT ON DATABASE " + e2e.database("source") + " IS 'to be rolled back'");
        }
        return session;
    }

    private void addSource() {
        e2e.events();
        e2e.send(JobJson.of("Add", "source", e2e.database("source")));
        e2e.events().awaitSuccess("source");
    }

    @Test
    void theSessionOfACrashedWorkerIsEndedByTheWorkerThatTakesOverItsJob() throws Exception {
        WorkerProcess victim = start();
        addSource();
        try (Connection inTheWay = holdSource()) {
            String orphan = copyInProgress();
            victim.kill();
            assertThat(e2e.databases().createPids()).as("the server goes on").containsExactly(orphan);
            WorkerProcess successor = start();

            Await.until("a session of the other worker creates in its place", () -> {
                List<String> creating = e2e.databases().createPids();
                return creating.size() == 1 && !creating.contains(orphan);
            });
            e2e.events()
                    .await(
                            "in progress by the successor",
                            "copy",
                            event -> event.data().get("worker").asString().equals(successor.name()));
            inTheWay.rollback();
        }
        e2e.events().awaitSuccess("copy");
        assertThat(e2e.databases().mark(e2e.database("copy")).jobId()).isEqualTo("copy");
        assertThat(e2e.databases().staging()).isEmpty();
    }

    /** Its connection to the broker is lost, and with it the job, which the broker gives to the other one. */
    @Test
    void theSessionOfARunningWorkerIsNotEndedWhenItsJobIsRedelivered() throws Exception {
        RabbitMqServer broker = e2e.host().server();
        try (Forwarder way = new Forwarder(broker.host(), broker.port()).open()) {
            WorkerProcess first = e2e.start(e2e.settings()
                            .with("spring.rabbitmq.host", "127.0.0.1")
                            .with("spring.rabbitmq.port", String.valueOf(way.port())))
                    .awaitReady();
            addSource();
            try (Connection inTheWay = holdSource()) {
                String session = copyInProgress();
                WorkerProcess other = start();
                way.shut();

                other.awaitLog("another job works on the same database");
                assertThat(e2e.databases().createPids()).as("it goes on").containsExactly(session);
                assertThat(e2e.events().outcomes("copy")).containsExactly("InProgress");
                inTheWay.rollback();
            }
            Event created = e2e.events().awaitSuccess("copy");
            assertThat(created.data().get("worker").asString()).isEqualTo(first.name());
            assertThat(e2e.databases().mark(e2e.database("copy")).jobId()).isEqualTo("copy");
        }
    }
}
