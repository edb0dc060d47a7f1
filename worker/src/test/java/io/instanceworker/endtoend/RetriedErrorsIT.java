package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.Forwarder;
import io.instanceworker.testing.Login;
import io.instanceworker.testing.QueuedMessage;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What passes: each failure is told, and the job goes on when its cause has gone. */
class RetriedErrorsIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(16);

    /** More than the worker has consumers. */
    private static final List<String> DOWN_JOBS =
            IntStream.range(0, 10).mapToObj(i -> "down-" + i).toList();

    @TempDir
    static Path folder;

    private static Databases databases;
    private static KillPoints points;
    private static Forwarder down;
    private static Login refused;

    @BeforeAll
    static void start() {
        databases = e2e.databases();
        databases.createTemplate(e2e.database("tpl"), 2);
        databases.asSuperuser("ALTER DATABASE " + e2e.database("tpl") + " IS_TEMPLATE true");
        down = new Forwarder(e2e.postgres().host(), e2e.postgres().port()).open();
        points = new KillPoints(folder);
        Login limited = e2e.createRole("limited");
        databases.asSuperuser("ALTER ROLE " + limited.username() + " CONNECTION LIMIT 0");
        Login deadlocked = e2e.createRole("deadlocked");
        // Longer than the test needs to get in the way.
        databases.asSuperuser("ALTER ROLE " + deadlocked.username() + " SET deadlock_timeout TO '3s'");
        refused = e2e.createRole("refused");
        e2e.start(points.in(e2e.settings()
                        .server("down", "jdbc:postgresql://127.0.0.1:" + down.port() + "/postgres", e2e.login())
                        .server("limited", e2e.postgres(), limited)
                        .server("deadlocked", e2e.postgres(), deadlocked)
                        .server("refused", e2e.postgres(), refused)
                        .connectTimeoutSeconds("down", 1)
                        .connectTimeoutSeconds("limited", 1)
                        .connectTimeoutSeconds("refused", 1)
                        .serverLike("default", "narrow")
                        .with("instance-worker.servers.narrow.max-concurrent-jobs", "1")
                        .template("default", "Minimal", e2e.database("tpl"))
                        .template("deadlocked", "Minimal", e2e.database("tpl"))))
                .awaitReady();
        e2e.events();
    }

    @AfterAll
    static void stop() {
        down.close();
        databases.asSuperuser("ALTER DATABASE " + e2e.database("tpl") + " IS_TEMPLATE false");
    }

    @Test
    void aCopyWaitsForABusySourceUntilItIsFreeOrUntilTheDeadline() throws Exception {
        String source = makeInstance("busy");
        try (Connection one = databases.session(source, "EdFi.Ods.WebApi");
                Connection other = databases.session(source, "EdFi.Ods.WebApi");
                Connection third = databases.session(source, "psql")) {
            e2e.send(JobJson.of("Copy", "patient", e2e.database("patient")).source(source));
            e2e.send(JobJson.of("Copy", "hasty", e2e.database("hasty"))
                    .source(source)
                    .with("deadline", Instant.now().plusSeconds(4).toString()));

            Event busy = e2e.events().awaitFailure("patient", "SOURCE_BUSY");
            assertThat(busy.errorMessage())
                    .contains(e2e.login().username() + " (EdFi.Ods.WebApi) 2")
                    .contains(e2e.login().username() + " (psql) 1");
            checkFailed(busy);
            // Waiting for the source is what the job asks for, so it has as many attempts left as before.
            assertThat(busy.data().get("maxAttempts").asInt()).isEqualTo(4);
            Event late = e2e.events().awaitError("hasty", "DEADLINE_EXCEEDED");
            assertThat(late.data().get("status").asString()).isEqualTo("CreateError");
            assertThat(databases.exists(e2e.database("hasty"))).isFalse();
            assertThat(List.of(one.isValid(1), other.isValid(1), third.isValid(1)))
                    .containsOnly(true);
        }
        Event created = e2e.events().awaitSuccess("patient");
        assertThat(created.attempt()).isGreaterThan(1);
        assertThat(databases.schools(e2e.database("patient"))).isEqualTo(databases.schools(source));
        assertThat(e2e.events().outcomes("patient").get(2)).isEqualTo("InProgress");
    }

    @Test
    void aCopyWithDisconnectEndsTheSessionsOnItsSource() throws Exception {
        String source = makeInstance("disconnected");
        try (Connection one = databases.session(source, "EdFi.Ods.WebApi");
                Connection other = databases.session(source, "psql")) {
            e2e.send(JobJson.of("Copy", "disconnect", e2e.database("disconnect"))
                    .source(source)
                    .with("whenSourceBusy", "disconnect"));

            e2e.events().awaitSuccess("disconnect");

            assertThat(List.of(one.isValid(1), other.isValid(1))).containsOnly(false);
        }
        assertThat(e2e.events().outcomes("disconnect")).containsExactly("InProgress", "Succeeded");
        assertThat(databases.schools(source)).as("it takes logins as before").hasSize(2);
    }

    @Test
    void anUnreachableServerDoesNotDelayJobsOfOtherServers() {
        String first = DOWN_JOBS.get(0);
        points.hold(first, "lock");
        sendToDown(first);
        Await.until("the job is received", () -> points.isHeld(first, "lock"));
        down.shut();
        DOWN_JOBS.stream().skip(1).forEach(RetriedErrorsIT::sendToDown);
        points.release(first, "lock");
        Event unreachable = e2e.events().awaitFailure(first, "SERVER_UNAVAILABLE");
        checkFailed(unreachable);
        assertThat(unreachable.errorMessage()).doesNotContain(String.valueOf(down.port()));

        for (int i = 0; i < 3; i++) {
            e2e.send(JobJson.of("Add", "meanwhile-" + i, e2e.database("meanwhile_" + i)));
            e2e.events().awaitSuccess("meanwhile-" + i);
        }
        assertThat(DOWN_JOBS).noneMatch(job -> e2e.events().of(job).stream().anyMatch(Event::isFinal));

        down.open();
        for (String job : DOWN_JOBS) {
            Event created = e2e.events().awaitSuccess(job);
            assertThat(created.data().get("maxAttempts").asInt() - created.attempt())
                    .as("attempts that are left, as if it had never been down")
                    .isEqualTo(2);
        }
    }

    @Test
    void aJobIsTriedAgainIfTheServerHasNoConnectionLeft() {
        e2e.send(JobJson.of("Add", "limited", e2e.database("limited_1")).server("limited"));
        Event full = e2e.events().awaitFailure("limited", "TOO_MANY_CONNECTIONS");
        checkFailed(full);
        assertThat(full.data().at("/error/sqlState").asString()).isEqualTo("53300");

        // One session has the lock then, and another cannot look.
        databases.asSuperuser("ALTER ROLE " + e2e.database("limited") + " CONNECTION LIMIT 1");
        e2e.events()
                .await(
                        "the next failure",
                        "limited",
                        event -> event.attempt() > full.attempt() && "TOO_MANY_CONNECTIONS".equals(event.errorCode()));
        databases.asSuperuser("ALTER ROLE " + e2e.database("limited") + " CONNECTION LIMIT -1");

        Event created = e2e.events().awaitSuccess("limited");
        assertThat(created.data().get("maxAttempts").asInt() - created.attempt())
                .as("attempts that are left, as if it had never been full")
                .isEqualTo(2);
    }

    @Test
    void aJobThatWaitsForAPlaceUsesUpNoAttempt() throws Exception {
        String source = makeInstance("narrow_source");
        try (Connection inTheWay = databases.holdUpCopies(source)) {
            e2e.send(JobJson.of("Copy", "narrow", e2e.database("narrow"))
                    .server("narrow")
                    .source(source));
            databases.awaitCreate();
            e2e.send(JobJson.of("Add", "no-place", e2e.database("no_place")).server("narrow"));
            // Looks have places of their own.
            e2e.send(JobJson.of("Status", "look", source).server("narrow"));
            e2e.events().awaitSuccess("look");
            Await.until("it stays in its queue", () -> e2e.host().ready(EndToEnd.PROVISION + ".narrow") == 1);
            assertThat(inTheWay.isValid(1)).isTrue();
        }
        e2e.events().awaitSuccess("narrow");

        Event created = e2e.events().awaitSuccess("no-place");

        assertThat(created.attempt()).isEqualTo(1);
        assertThat(e2e.events().outcomes("no-place")).containsExactly("InProgress", "Succeeded");
    }

    @Test
    void aStatementCancelledByAnAdministratorIsTriedAgain() throws Exception {
        String source = makeInstance("cancelled");
        try (Connection inTheWay = databases.holdUpCopies(source)) {
            e2e.send(JobJson.of("Copy", "cancelled", e2e.database("cancelled_copy"))
                    .source(source));
            databases.awaitCreate();

            databases.createPids().forEach(pid -> databases.value("SELECT pg_cancel_backend(" + pid + ")"));

            Event cancelled = e2e.events().awaitFailure("cancelled", "TIMEOUT");
            checkFailed(cancelled);
            assertThat(cancelled.data().at("/error/sqlState").asString()).isEqualTo("57014");
            assertThat(inTheWay.isValid(1)).isTrue();
        }
        e2e.events().awaitSuccess("cancelled");
    }

    @Test
    void aDeadlockIsTriedAgain() throws Exception {
        String source = e2e.database("deadlock_source");
        String role = e2e.database("deadlocked");
        e2e.send(JobJson.of("Add", "deadlock-source", source)
                .server("deadlocked")
                .template("Minimal"));
        e2e.events().awaitSuccess("deadlock-source");
        String lock = "FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.usename = '" + role + "'";
        try (Connection other = e2e.postgres()
                        .connect("journal_of_" + role, e2e.postgres().superuser());
                Statement statement = other.createStatement()) {
            // The worker must be the one that notices.
            statement.execute("SET deadlock_timeout TO '1h'");
            statement.execute("BEGIN");
            statement.execute("ALTER DATABASE " + source + " RENAME TO " + e2e.database("renamed"));
            e2e.send(JobJson.of("Copy", "deadlock", e2e.database("deadlock"))
                    .server("deadlocked")
                    .source(source));
            Await.until(
                    "the worker waits for the source",
                    () -> !databases
                            .value("SELECT 1 " + lock + " AND NOT l.granted")
                            .isEmpty());

            long key = Databases.lockKey(e2e.database("deadlock"));
            try (ResultSet locked = statement.executeQuery("SELECT pg_advisory_lock(" + key + ")")) {
                assertThat(locked.next()).isTrue();
            }

            Event deadlock = e2e.events().awaitFailure("deadlock", "DEADLOCK");
            checkFailed(deadlock);
            assertThat(deadlock.data().at("/error/sqlState").asString()).isEqualTo("40P01");
            statement.execute("ROLLBACK");
        }
        e2e.events().awaitSuccess("deadlock");
    }

    @Test
    void anUnexpectedErrorIsTriedAgain() {
        String source = makeInstance("damaged");
        databases.damage(source);
        e2e.send(JobJson.of("Copy", "damaged", e2e.database("damaged_copy")).source(source));
        Event failed = e2e.events().awaitFailure("damaged", "INTERNAL_ERROR");
        checkFailed(failed);

        databases.repair(source);

        e2e.events().awaitSuccess("damaged");
    }

    @Test
    void aRefusedLoginUsesUpNoAttempt() {
        points.hold("refused", "lock");
        e2e.send(JobJson.of("Add", "refused", e2e.database("refused"))
                .server("refused")
                .instance("id", 1));
        Await.until("the job is received", () -> points.isHeld("refused", "lock"));
        databases.asSuperuser("ALTER ROLE " + refused.username() + " PASSWORD 'rotated'");
        databases.asSuperuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = "
                + Databases.literal(refused.username()));
        points.release("refused", "lock");
        Event refusal = e2e.events().awaitFailure("refused", "AUTHENTICATION_FAILED");
        checkFailed(refusal);

        databases.asSuperuser("ALTER ROLE " + refused.username() + " PASSWORD '" + refused.password() + "'");

        Event created = e2e.events().awaitSuccess("refused");
        assertThat(created.data().get("maxAttempts").asInt() - created.attempt())
                .as("attempts that are left, as if it had never been refused")
                .isEqualTo(2);
        assertThat(databases.mark(e2e.database("refused")).instanceId()).isEqualTo("1");
    }

    @Test
    void aJobWithoutAttemptsLeftIsDeadLetteredAndCanBeReplayed() {
        String source = makeInstance("hopeless_source");
        databases.damage(source);
        e2e.send(JobJson.of("Copy", "hopeless", e2e.database("hopeless")).source(source));
        Event error = e2e.events().awaitError("hopeless", "INTERNAL_ERROR");
        assertThat(error.data().get("status").asString()).isEqualTo("CreateError");
        assertThat(error.attempt()).isEqualTo(3);
        assertThat(e2e.events().outcomes("hopeless"))
                .containsExactly("InProgress", "Failed", "InProgress", "Failed", "InProgress", "Error");

        Await.until("it is dead-lettered", () -> e2e.host().ready(EndToEnd.DEAD) == 1);
        QueuedMessage dead = e2e.drain(EndToEnd.DEAD).get(0);
        assertThat(dead.properties().at("/headers/iw-error-code").asString()).isEqualTo("INTERNAL_ERROR");
        assertThat(dead.properties().at("/headers/iw-error-message").asString()).isEqualTo(error.errorMessage());
        assertThat(dead.properties().at("/headers/iw-attempt").asInt()).isEqualTo(3);
        assertThat(dead.properties().at("/headers/iw-max-attempts").asInt()).isEqualTo(3);
        assertThat(dead.properties().at("/headers/iw-job-id").asString()).isEqualTo("hopeless");
        assertThat(Instant.parse(
                        dead.properties().at("/headers/iw-first-failure").asString()))
                .isBefore(Instant.parse(
                        dead.properties().at("/headers/iw-last-failure").asString()));

        databases.repair(source);
        e2e.publish(dead.text(), dead.properties().at("/headers/iw-routing-key").asString(), asMap(dead));

        Event created = e2e.events().awaitSuccessAfter(error);
        assertThat(created.attempt()).isEqualTo(4);
        assertThat(created.data().get("maxAttempts").asInt()).isEqualTo(6);
        assertThat(created.data().get("sequence").asLong())
                .isGreaterThan(error.data().get("sequence").asLong());
        assertThat(e2e.host().ready(EndToEnd.DEAD)).isZero();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> asMap(QueuedMessage message) {
        return JsonMapper.shared().convertValue(message.properties(), Map.class);
    }

    private static void sendToDown(String job) {
        e2e.send(JobJson.of("Add", job, e2e.database(job.replace('-', '_'))).server("down"));
    }

    private static String makeInstance(String name) {
        String database = e2e.database(name);
        e2e.send(JobJson.of("Add", "make-" + name, database).template("Minimal"));
        e2e.events().awaitSuccess("make-" + name);
        return database;
    }

    private static void checkFailed(Event failed) {
        assertThat(failed.data().get("status").asString()).isEqualTo("CreateFailed");
        assertThat(failed.data().get("legacyStatus").asString()).isEqualTo("Error");
        assertThat(failed.data().get("isError").asBoolean()).isTrue();
        assertThat(failed.data().get("willRetry").asBoolean()).isTrue();
        assertThat(failed.data().at("/error/retryable").asBoolean()).isTrue();
        assertThat(failed.attempt()).isEqualTo(1);
        assertThat(Instant.parse(failed.data().get("nextAttemptAt").asString()))
                .isAfter(Instant.parse(failed.data().get("finishedAt").asString()));
    }
}
