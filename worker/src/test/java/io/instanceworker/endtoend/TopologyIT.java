package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exchanges and queues that are not as they must be when a worker starts. */
class TopologyIT {

    private EndToEnd e2e;

    @BeforeEach
    void open() {
        e2e = EndToEnd.open(17, "Topology");
    }

    @AfterEach
    void close() {
        e2e.close();
    }

    private static final String WRONG = "The queue instance.status has x-queue-type = classic, but must have quorum.";

    @Test
    void withAClassicStatusQueueTheWorkerIsNotReadyAndNoJobIsLost() throws Exception {
        try (Connection connection = e2e.host().connectionFactory().newConnection();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare(Events.QUEUE, true, false, false, Map.of());
            WorkerProcess worker = e2e.start(e2e.settings());
            worker.awaitStatus("readiness", 503);
            worker.awaitLog(WRONG);

            e2e.publish(JobJson.of("Add", "patient", e2e.database("patient")).toString(), "job.add", Map.of());
            e2e.send(JobJson.of("Add", "patient-too", e2e.database("patient_too")));
            e2e.publish(JobJson.of("Status", "asked", e2e.database("patient")).toString(), "job.status", Map.of());

            assertThat(e2e.host().ready(EndToEnd.PROVISION)).isEqualTo(2);
            assertThat(e2e.host().ready(EndToEnd.QUERY)).isEqualTo(1);
            assertThat(worker.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
            List<String> warnings = worker.log()
                    .lines()
                    .filter(line -> line.contains("No jobs are taken: " + WRONG))
                    .toList();
            assertThat(warnings).as("one line, not one every few seconds").hasSize(1);
            assertThat(worker.log()).doesNotContain("Exception").doesNotContain("Broker not available");

            channel.queueDelete(Events.QUEUE);

            worker.awaitReady();
            e2e.events().awaitSuccess("patient");
            e2e.events().awaitSuccess("patient-too");
            e2e.events().awaitSuccess("asked");
            worker.kill();
        }
    }

    @Test
    void workersWithDifferentTiersAreReadyAndTheirWaitingJobsReturn() throws Exception {
        WorkerProcess one = e2e.start(e2e.settings().with("instance-worker.retry.tiers", "200ms,1s"))
                .awaitReady();
        WorkerProcess other = e2e.start(e2e.settings().with("instance-worker.retry.tiers", "300ms,1s,2s"))
                .awaitReady();
        one.awaitReady();
        e2e.send(JobJson.of("Add", "source", e2e.database("source")));
        e2e.events().awaitSuccess("source");

        try (java.sql.Connection inTheWay = e2e.databases().session(e2e.database("source"), "in the way")) {
            for (int i = 0; i < 4; i++) {
                e2e.send(JobJson.of("Copy", "waits-" + i, e2e.database("waits_" + i))
                        .source(e2e.database("source")));
            }
            for (int i = 0; i < 4; i++) {
                e2e.events().awaitFailure("waits-" + i, "SOURCE_BUSY");
            }
            assertThat(inTheWay.isValid(1)).isTrue();
        }

        for (int i = 0; i < 4; i++) {
            e2e.events().awaitSuccess("waits-" + i);
        }
        one.kill();
        other.kill();
    }
}
