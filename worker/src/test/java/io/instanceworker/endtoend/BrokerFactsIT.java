package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.RabbitMqServer;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the worker relies on when the broker is restarted, crashes, or takes no more messages. */
class BrokerFactsIT {

    /** It says sooner than it would by itself which connections it holds back. */
    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(17).ownBroker(Map.of("collect_statistics_interval", "500"));

    private static final String LONG_TIER = "instance.jobs.wait.6s";

    private static Databases databases;
    private static RabbitMqServer broker;
    private static WorkerProcess worker;

    @BeforeAll
    static void start() {
        databases = e2e.databases();
        databases.createTemplate(e2e.database("tpl"), 2);
        broker = e2e.host().server();
        worker = e2e.start(e2e.settings()
                        .template("default", "Minimal", e2e.database("tpl"))
                        .with("instance-worker.retry.tiers", "500ms,6s")
                        .with("instance-worker.retry.max-attempts", "9"))
                .awaitReady();
        e2e.events();
    }

    @Test
    void aWaitingMessageSurvivesARestartAndACrashOfTheBroker() {
        String source = makeInstance("outlived");
        databases.damage(source);
        e2e.send(JobJson.of("Copy", "outlives", e2e.database("outlives")).source(source));
        awaitInLongTier("outlives", 2);

        broker.restart();

        awaitInLongTier("outlives", 3);
        databases.repair(source);

        broker.kill();
        broker.startAgain();

        Event created = e2e.events().awaitSuccess("outlives");
        assertThat(created.id()).isEqualTo("outlives/4/Created");
        assertThat(e2e.events().outcomes("outlives"))
                .containsExactly(
                        "InProgress",
                        "Failed",
                        "InProgress",
                        "Failed",
                        "InProgress",
                        "Failed",
                        "InProgress",
                        "Succeeded");
        assertThat(databases.schools(e2e.database("outlives"))).isEqualTo(databases.schools(source));
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertThat(said("outlives", attempt + 1, "InProgress", "startedAt"))
                    .as("not before its delay was over")
                    .isAfterOrEqualTo(said("outlives", attempt, "Failed", "nextAttemptAt"));
        }
        awaitNothingLeft();
    }

    private static Instant said(String jobId, int attempt, String outcome, String when) {
        return e2e.events().of(jobId).stream()
                .filter(event -> event.attempt() == attempt && event.outcome().equals(outcome))
                .map(event -> Instant.parse(event.data().get(when).asString()))
                .findFirst()
                .orElseThrow();
    }

    private static void awaitInLongTier(String jobId, int failedAttempt) {
        e2e.events()
                .await(
                        "failure " + failedAttempt + " of " + jobId,
                        jobId,
                        event -> event.outcome().equals("Failed") && event.attempt() == failedAttempt);
        Await.until("it waits", () -> e2e.host().ready(LONG_TIER) == 1);
    }

    /** With one queue for all delays it would come back behind the other. */
    @Test
    void aShortDelayIsNotProlongedByALongDelay() {
        String source = makeInstance("ordered");
        databases.damage(source);
        e2e.send(JobJson.of("Copy", "long", e2e.database("long")).source(source));
        awaitInLongTier("long", 2);

        e2e.send(JobJson.of("Copy", "short", e2e.database("short")).source(source));

        e2e.events().await("a second attempt", "short", event -> event.attempt() == 2);
        assertThat(e2e.events().of("long")).extracting(Event::attempt).containsOnly(1, 2);
        databases.repair(source);
        e2e.events().awaitSuccess("long");
        e2e.events().awaitSuccess("short");
    }

    @Test
    void aMemoryAlarmDelaysResultsAndLosesNone() throws Exception {
        holdsBack(
                "memory", List.of("set_vm_memory_high_watermark", "0"), List.of("set_vm_memory_high_watermark", "0.4"));
    }

    @Test
    void aDiskAlarmDelaysResultsAndLosesNone() throws Exception {
        holdsBack("disk", List.of("set_disk_free_limit", "1000000GB"), List.of("set_disk_free_limit", "50MB"));
    }

    private static void holdsBack(String alarm, List<String> raise, List<String> lift) throws Exception {
        String source = makeInstance(alarm);
        String database = e2e.database("copy_" + alarm);
        try (Connection inTheWay = databases.holdUpCopies(source)) {
            e2e.send(JobJson.of("Copy", alarm, database).source(source));
            e2e.events().awaitProgress(alarm);
            databases.awaitCreate();
            Await.until("nobody is held back", () -> !isHeldBack());
            broker.control(raise.toArray(String[]::new));
            assertThat(inTheWay.isValid(1)).isTrue();
        }
        try {
            Await.until("the work is done", () -> databases.exists(database));
            Await.until("the worker's publisher is held back", BrokerFactsIT::isHeldBack);
            assertThat(e2e.events().outcomes(alarm)).containsExactly("InProgress");
            assertThat(worker.jobsInHand().at("/jobs/0/step").asString()).isEqualTo("publish");
        } finally {
            broker.control(lift.toArray(String[]::new));
        }

        assertThat(e2e.events().awaitSuccess(alarm).id()).isEqualTo(alarm + "/1/Created");
        makeInstance("after_" + alarm);
        assertThat(e2e.events().outcomes(alarm)).containsExactly("InProgress", "Succeeded");
        awaitNothingLeft();
    }

    /** Blocked is a connection that has tried to publish since the alarm; one that has not is blocking. */
    private static boolean isHeldBack() {
        return broker.management()
                .read("/connections")
                .valueStream()
                .anyMatch(connection -> connection.path("state").asString("").equals("blocked"));
    }

    private static String makeInstance(String name) {
        String database = e2e.database(name);
        e2e.send(JobJson.of("Add", "make-" + name, database).template("Minimal"));
        e2e.events().awaitSuccess("make-" + name);
        return database;
    }

    private static void awaitNothingLeft() {
        Await.until(
                "all jobs are acknowledged",
                () -> broker.management().depth(e2e.host().name(), EndToEnd.PROVISION) == 0);
        assertThat(e2e.host().ready(EndToEnd.DEAD)).isZero();
        assertThat(databases.staging()).isEmpty();
    }
}
