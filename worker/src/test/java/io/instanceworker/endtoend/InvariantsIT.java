package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.result.EventWriter;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.contracts.result.OutcomeKind;
import io.instanceworker.contracts.result.StateReport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each violation that a database server can show is found there, and what is right is not one. */
class InvariantsIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(15);

    private static final Instant BEGAN = Instant.parse("2026-11-20T06:00:00Z");

    private static Databases databases;
    private static Invariants invariants;

    private static String template;
    private static String bystander;
    private static String database;
    private static String copy;

    @BeforeAll
    static void bystanders() throws IOException {
        databases = e2e.databases();
        template = e2e.database("tpl");
        bystander = e2e.database("bystander");
        database = e2e.database("made");
        copy = e2e.database("copy");
        databases.createTemplate(template, 5);
        databases.createTemplate(bystander, 3);
        databases.create(databases.journal(), ddl());
        invariants = new Invariants(
                databases,
                e2e.login().username(),
                e2e.database(""),
                new UntouchedDatabases(databases, template, bystander));
    }

    private static String ddl() throws IOException {
        try (InputStream in = Invariants.class.getResourceAsStream("/io/instanceworker/journal/postgresql.sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @BeforeEach
    void asTold() {
        make(database, template, "make");
        make(copy, database, "copy");
        inJournal("DELETE FROM job_run");
        writeEnd("make", created("make", database));
        writeEnd("copy", created("copy", copy));
    }

    private static void inJournal(String sql) {
        databases.asWorker(databases.journal(), sql);
    }

    private static void writeStart(String jobId) {
        inJournal("INSERT INTO job_run (run_id, body_sha256, job_id, operation, worker, claim, received_at, attempt,"
                + " allowed_attempts) VALUES ('run-" + jobId + "', '', '" + jobId
                + "', 'Add', 'worker', 'claimed', now(), 1, 5)");
    }

    private static void writeEnd(String jobId, InstanceStatusEvent event) {
        writeStart(jobId);
        inJournal(
                "UPDATE job_run SET outcome = 'Succeeded', claim = NULL, ended_at = clock_timestamp(), database_name = "
                        + Databases.literal(event.data().facts().instance().databaseName()) + ", result = "
                        + Databases.literal(new String(new EventWriter().write(event), StandardCharsets.UTF_8))
                        + " WHERE job_id = '" + jobId + "'");
    }

    private static void make(String name, String origin, String jobId) {
        databases.asWorker(
                "postgres", "CREATE DATABASE " + Databases.quote(name) + " TEMPLATE " + Databases.quote(origin));
        mark(name, name, jobId);
    }

    private static void mark(String name, String instanceId, String jobId) {
        OwnershipMark mark = new OwnershipMark(instanceId, null, jobId, Operation.ADD, null, null, BEGAN);
        databases.asWorker(
                "postgres", "COMMENT ON DATABASE " + Databases.quote(name) + " IS " + Databases.literal(mark.toJson()));
    }

    @AfterEach
    void remove() {
        databases.asSuperuser("DROP DATABASE IF EXISTS " + Databases.quote(database));
        databases.asSuperuser("DROP DATABASE IF EXISTS " + Databases.quote(copy));
    }

    @Test
    void databasesAsPublishedAreNoViolation() {
        assertThat(violations()).isEmpty();
    }

    @Test
    void aMissingDatabaseIsAViolation() {
        databases.asSuperuser("DROP DATABASE " + Databases.quote(database));

        assertThat(violations())
                .contains(database + " is not there, but the last run in the journal is that of make")
                .anySatisfy(violation -> assertThat(violation).contains("a recorder ends at make/1/Created"))
                .hasSize(2);
    }

    @Test
    void anOpenRunWithoutAMessageIsAViolation() {
        writeStart("open");

        assertThat(onlyViolation())
                .isEqualTo("the run run-open of open is open, with the claim claimed, and no message is left");
    }

    @Test
    void anUnpublishedEndIsAViolation() {
        writeEnd("other", created("other", database));

        assertThat(onlyViolation()).startsWith("the run run-other ended as other/1/Created");
    }

    @Test
    void aPublishedSuccessWithoutAnEndInTheJournalIsAViolation() {
        inJournal("DELETE FROM job_run WHERE job_id = 'copy'");

        assertThat(onlyViolation()).startsWith("copy/1/Created of ").endsWith("no run's end in the journal");
    }

    @Test
    void aDatabaseCreatedAfterTheEndOfItsRunIsAViolation() {
        inJournal("UPDATE job_run SET ended_at = '" + BEGAN.minusSeconds(60) + "' WHERE job_id = 'copy'");

        assertThat(onlyViolation()).startsWith("a database was made after its run had ended: " + copy);
    }

    @Test
    void aDatabaseThatASucceededDeleteHasNotDroppedIsAViolation() {
        inJournal("UPDATE job_run SET before_identity = (SELECT oid::text FROM pg_database WHERE datname = "
                + Databases.literal(copy) + ") WHERE job_id = 'make'");

        assertThat(onlyViolation()).startsWith("a Delete has succeeded that was to drop what is still there: " + copy);
    }

    @Test
    void aDatabaseWithoutAPublishedResultIsAViolation() {
        String unknown = e2e.database("unknown");
        databases.create(unknown);
        try {
            assertThat(violations())
                    .anySatisfy(violation -> assertThat(violation)
                            .startsWith(unknown + " was published as made by [] and carries the mark null"));
        } finally {
            databases.asSuperuser("DROP DATABASE " + Databases.quote(unknown));
        }
    }

    @Test
    void aMissingRowInADatabaseIsAViolation() {
        databases.asWorker(database, "DELETE FROM edfi.school WHERE school_id = 1");

        assertThat(onlyViolation())
                .startsWith(database + " holds \"edfi.school|4|")
                .contains("instead of [edfi.school|5|");
    }

    @Test
    void aChangedRowInACopyIsAViolation() {
        databases.asWorker(copy, "UPDATE edfi.school SET name = 'another' WHERE school_id = 1");

        assertThat(onlyViolation()).startsWith(copy + " holds \"edfi.school|5|");
    }

    @Test
    void aMarkOfAnotherJobIsAViolation() {
        mark(database, database, "another");

        assertThat(onlyViolation()).startsWith(database + " was published as made by [make] and carries the mark");
    }

    @Test
    void aMarkOfAnotherInstanceIsAViolation() {
        mark(copy, "another", "copy");

        assertThat(violations())
                .anySatisfy(violation -> assertThat(violation)
                        .startsWith(copy + " carries the mark")
                        .contains("not what"))
                .anySatisfy(violation -> assertThat(violation).contains("a recorder ends at copy/1/Created"));
    }

    @Test
    void aDatabaseWithoutAMarkIsAViolation() {
        databases.asWorker("postgres", "COMMENT ON DATABASE " + Databases.quote(database) + " IS NULL");

        assertThat(violations()).contains(database + " was published as made by [make] and carries the mark null");
    }

    @Test
    void anotherOwnerOfADatabaseIsAViolation() {
        databases.asSuperuser("ALTER DATABASE " + Databases.quote(database) + " OWNER TO postgres");

        assertThat(onlyViolation()).isEqualTo(database + " belongs to postgres");
    }

    @Test
    void aRemainingStagingDatabaseIsAViolation() {
        databases.create("iw_staging_" + template);
        try {
            assertThat(onlyViolation()).isEqualTo("the staging database iw_staging_" + template + " was left behind");
        } finally {
            databases.asSuperuser("DROP DATABASE " + Databases.quote("iw_staging_" + template));
        }
    }

    @Test
    void anInvalidDatabaseIsAViolation() {
        databases.asSuperuser(
                "UPDATE pg_database SET datconnlimit = -2 WHERE datname = " + Databases.literal(database));

        assertThat(onlyViolation()).isEqualTo(database + " is the rest of an interrupted DROP");
    }

    @Test
    void aCancelledDropIsAViolationEvenIfTheDropWasRepeated() throws SQLException {
        assumeTrue(StoppedProcess.isPossible(databases), "the server is not on this machine");
        // Under another prefix, for the log shows it to all tests.
        String prefix = "dropped_" + e2e.database("");
        String dropped = prefix + "1";
        make(dropped, template, "make");
        try (StoppedProcess checkpointer = StoppedProcess.checkpointer(databases);
                Connection session = databases.session("postgres", "test")) {
            session.createStatement().execute("SET statement_timeout = 100");
            assertThatThrownBy(() -> session.createStatement().execute("DROP DATABASE " + Databases.quote(dropped)))
                    .hasMessageContaining("canceling statement due to statement timeout");
        }
        databases.asWorker("postgres", "DROP DATABASE " + Databases.quote(dropped));

        Invariants ofPrefix = new Invariants(
                databases, e2e.login().username(), prefix, new UntouchedDatabases(databases, template, bystander));
        assertThat(ofPrefix.violations(evidence(), true))
                .containsExactly("a DROP was cancelled: DROP DATABASE " + Databases.quote(dropped));
    }

    @Test
    void aDatabaseThatAllowsNoConnectionsIsAViolation() {
        databases.asWorker("postgres", "ALTER DATABASE " + Databases.quote(database) + " ALLOW_CONNECTIONS false");

        assertThat(onlyViolation()).isEqualTo("nobody may connect to " + database);
    }

    @Test
    void aChangedUntouchedDatabaseIsAViolation() {
        databases.asWorker(bystander, "INSERT INTO edfi.school VALUES (4, 'new')");
        try {
            assertThat(onlyViolation()).isEqualTo("the bystander " + bystander + " holds something else than before");
        } finally {
            databases.asWorker(bystander, "DELETE FROM edfi.school WHERE school_id = 4");
        }
    }

    @Test
    void aHeldLockAndARemainingSessionAreViolations() throws SQLException {
        try (Connection session = databases.session("postgres", "test")) {
            assertThat(violations(1)).as("idle in a pool").isEmpty();
            assertThat(invariants.violations(evidence(), false))
                    .anySatisfy(violation -> assertThat(violation).contains("a session of the worker's role is left"));
            session.createStatement().execute("SELECT pg_advisory_lock(42)");
            assertThat(onlyViolation(1)).contains("a session holds an advisory lock", "ExclusiveLock|0|42");
            session.createStatement().execute("SELECT pg_advisory_unlock_all()");
            session.setAutoCommit(false);
            session.createStatement().execute("SELECT 1");
            assertThat(onlyViolation(1)).contains("a session of the worker's role is left", "idle in transaction");
        }
    }

    @Test
    void aSessionInAnotherDatabaseThanThePoolsIsAViolation() throws SQLException {
        try (Connection session = databases.session(database, "test")) {
            assertThat(session.isValid(1)).isTrue();
            assertThat(onlyViolation(1)).contains("a session of the worker's role is left", database);
        }
    }

    private static String onlyViolation() {
        return onlyViolation(0);
    }

    private static String onlyViolation(int sessions) {
        List<String> violations = violations(sessions);
        assertThat(violations).hasSize(1);
        return violations.get(0);
    }

    private static List<String> violations() {
        return violations(0);
    }

    /** @param sessions how many are open; one that was closed takes a moment to go */
    private static List<String> violations(int sessions) {
        String ofRole = "SELECT pid FROM pg_stat_activity WHERE usename = "
                + Databases.literal(e2e.login().username());
        Await.until(
                "closed sessions are gone",
                () -> databases.rows("postgres", ofRole).size() == sessions);
        return invariants.violations(evidence(), true);
    }

    private static Evidence evidence() {
        return new Evidence(
                List.of(sent("make", database, template), sent("copy", copy, database)),
                List.of(),
                List.of(created("make", database), created("copy", copy)),
                List.of(),
                Map.of());
    }

    private static SentJob sent(String jobId, String name, String origin) {
        return new SentJob(jobId, Operation.ADD, new InstanceRef(name, null, null, name), origin, 1);
    }

    private static InstanceStatusEvent created(String jobId, String name) {
        JobFacts facts = new JobFacts(
                jobId,
                Operation.ADD,
                "default",
                new InstanceRef(name, null, null, name),
                1,
                5,
                JobFacts.sequence(1, OutcomeKind.SUCCEEDED),
                BEGAN,
                BEGAN.plusSeconds(1),
                "worker",
                null,
                null);
        return InstanceStatusEvent.of(
                new JobResult.Succeeded(facts, true, StateReport.of(InstanceState.ONLINE), null, null, null), BEGAN);
    }
}
