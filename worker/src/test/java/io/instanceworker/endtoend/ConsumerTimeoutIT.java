package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.RabbitMqServer;
import java.sql.Connection;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A copy that takes longer than the broker lets a consumer keep a message. */
class ConsumerTimeoutIT {

    private static final String TIMEOUT_MILLIS = "1500";

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18).ownBroker(Map.of("consumer_timeout", TIMEOUT_MILLIS));

    @Test
    void aJobRedeliveredByConsumerTimeoutPublishesTheSameResult() throws Exception {
        RabbitMqServer broker = e2e.host().server();
        // A channel looks at its clock so often; left alone, once a minute. There is no name for it in rabbitmq.conf.
        broker.control("eval", "application:set_env(rabbit, channel_tick_interval, 500).");
        Databases databases = e2e.databases();
        databases.createTemplate(e2e.database("tpl"), 50);
        WorkerProcess worker = e2e.start(e2e.settings().template("default", "Minimal", e2e.database("tpl")))
                .awaitReady();
        e2e.events();
        String source = e2e.database("source");
        String database = e2e.database("long_copy");
        e2e.send(JobJson.of("Add", "source", source).template("Minimal"));
        e2e.events().awaitSuccess("source");

        String server;
        try (Connection inTheWay = databases.holdUpCopies(source)) {
            e2e.send(JobJson.of("Copy", "long-copy", database).source(source));
            databases.awaitCreate();
            server = String.join(",", databases.createPids());
            Await.until("the timeout acts", () -> broker.log().contains("delivery acknowledgement on channel"));
            worker.awaitLog("another job works on the same database");
            assertThat(inTheWay.isValid(1)).isTrue();
            assertThat(databases.createPids()).as("the first run goes on").containsExactly(server);
        }

        Event created = e2e.events().awaitSuccess("long-copy");
        assertThat(created.id()).isEqualTo("long-copy/1/Created");
        worker.awaitReady();
        // Each consumer that lost its channel is back.
        Await.until(
                "nothing is left",
                () -> broker.management().depth(e2e.host().name(), EndToEnd.PROVISION) == 0
                        && e2e.host().ready("instance.jobs.wait.200ms") == 0
                        && e2e.host().ready("instance.jobs.wait.1s") == 0);
        assertThat(e2e.events().of("long-copy").stream().filter(Event::isFinal).map(Event::id))
                .containsOnly("long-copy/1/Created");
        assertThat(databases.schools(database)).hasSize(50).isEqualTo(databases.schools(source));
        assertThat(databases.mark(database).jobId()).isEqualTo("long-copy");
        assertThat(databases.staging()).isEmpty();
        assertThat(e2e.host().ready(EndToEnd.DEAD)).isZero();
        assertThat(Scrape.of(worker).value("instance_worker_redeliveries_total", "operation=copy", "server=default"))
                .isPositive();
    }
}
