package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A job that waited does not undo what a job that was received later has reported. */
class SupersededIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(15);

    @TempDir
    static Path folder;

    private static KillPoints points;
    private static Databases databases;

    private static Line line;

    @AfterAll
    static void close() {
        line.close();
    }

    @BeforeAll
    static void start() {
        points = new KillPoints(folder);
        databases = e2e.databases();
        line = new Line(e2e.postgres().host(), e2e.postgres().port());
        line.open();
        e2e.start(points.in(e2e.settings()
                        .server("default", "jdbc:postgresql://127.0.0.1:" + line.port() + "/postgres", e2e.login())))
                .awaitReady();
        e2e.events();
        e2e.send(JobJson.of("Add", "source", e2e.database("source")));
        e2e.events().awaitSuccess("source");
    }

    private static void add(String jobId, String database) {
        e2e.send(JobJson.of("Add", jobId, database));
        e2e.events().awaitSuccess(jobId);
    }

    private static Event awaitSuperseded(String jobId) {
        Event end = e2e.events().awaitError(jobId, "SUPERSEDED");
        assertThat(end.errorMessage()).contains("received later").contains("Nothing was changed");
        return end;
    }

    private static Instant startedAt(Event event) {
        return Instant.parse(event.data().get("startedAt").asString());
    }

    @Test
    void aCopyThatWaitedForItsSourceIsSupersededByALaterDelete() throws Exception {
        String database = e2e.database("copied_late");
        try (Connection inTheWay = databases.session(e2e.database("source"), "in the way")) {
            e2e.send(JobJson.of("Copy", "copied-late", database).source(e2e.database("source")));
            e2e.events().awaitFailure("copied-late", "SOURCE_BUSY");
            e2e.send(JobJson.of("Delete", "deleted-before", database));
            Event deleted = e2e.events().awaitSuccess("deleted-before");
            assertThat(deleted.data().get("status").asString()).isEqualTo("Deleted");
            assertThat(inTheWay.isValid(1)).isTrue();
        }

        awaitSuperseded("copied-late");

        assertThat(databases.exists(database)).isFalse();
        assertThat(databases.staging()).isEmpty();
        assertThat(e2e.host().ready(EndToEnd.DEAD)).as("nobody is to replay it").isZero();
    }

    @Test
    void aDelayedDeleteIsSupersededByALaterAdd() {
        String database = e2e.database("added_again");
        add("added-first", database);
        points.hold("deleted-late", "lock");
        e2e.send(JobJson.of("Delete", "deleted-late", database));
        Await.until("the Delete is held", () -> points.isHeld("deleted-late", "lock"));
        add("added-again", database);

        points.release("deleted-late", "lock");

        Event superseded = awaitSuperseded("deleted-late");
        assertThat(databases.mark(database).jobId()).isEqualTo("added-first");
        assertThat(startedAt(superseded))
                .as("recorders order the jobs of an instance by this time")
                .isBefore(startedAt(e2e.events().awaitSuccess("added-again")));
    }

    /** Its first attempt had written down what it was about to drop. */
    @Test
    void aDeleteWhoseDropFailedIsSupersededByALaterAdd() throws Exception {
        String database = e2e.database("not_dropped");
        add("not-dropped", database);
        try (Connection session = databases.session(database, "prepares");
                Statement statement = session.createStatement()) {
            statement.execute("BEGIN; CREATE TABLE in_the_way (); PREPARE TRANSACTION 'in_the_way'");
            e2e.send(JobJson.of("Delete", "drops-late", database));
            Event failed = e2e.events()
                    .await("a failure", "drops-late", e -> e.outcome().equals("Failed"));
            assertThat(failed.errorCode()).isEqualTo("SOURCE_BUSY");
            add("not-dropped-again", database);
            statement.execute("ROLLBACK PREPARED 'in_the_way'");
        }

        awaitSuperseded("drops-late");
        assertThat(databases.mark(database).jobId()).isEqualTo("not-dropped");
    }

    /** The database that it did not drop was dropped by another job, and a new one has its name. */
    @Test
    void aDeleteWhoseDropFailedDoesNotReportTheWorkOfALaterDelete() throws Exception {
        String database = e2e.database("dropped_by_another");
        add("dropped-by-another", database);
        try (Connection session = databases.session(database, "prepares");
                Statement statement = session.createStatement()) {
            statement.execute("BEGIN; CREATE TABLE in_the_way (); PREPARE TRANSACTION 'another_in_the_way'");
            e2e.send(JobJson.of("Delete", "could-not-drop", database));
            e2e.events().await("a failure", "could-not-drop", e -> e.outcome().equals("Failed"));
            points.hold("could-not-drop", "lock");
            Await.until("the Delete is held", () -> points.isHeld("could-not-drop", "lock"));
            statement.execute("ROLLBACK PREPARED 'another_in_the_way'");
        }
        e2e.send(JobJson.of("Delete", "could-drop", database));
        e2e.events().awaitSuccess("could-drop");
        add("made-after-that", database);

        points.release("could-not-drop", "lock");

        awaitSuperseded("could-not-drop");
        assertThat(databases.mark(database).jobId()).isEqualTo("made-after-that");
    }

    @Test
    void aDeleteThatWasDoneBeforeALaterAddIsDatedByItsDrop() {
        String database = e2e.database("dropped_unanswered");
        add("dropped-unanswered", database);
        line.lose(Saying.DROPPED);
        e2e.send(JobJson.of("Delete", "unanswered", database));
        e2e.events().await("a failure", "unanswered", e -> e.outcome().equals("Failed"));
        points.hold("unanswered", "lock");
        Await.until("the Delete is held", () -> points.isHeld("unanswered", "lock"));
        add("added-after-it", database);

        points.release("unanswered", "lock");

        Event deleted = e2e.events().awaitSuccess("unanswered");
        assertThat(startedAt(deleted))
                .isAfterOrEqualTo(startedAt(e2e.events().awaitProgress("unanswered")))
                .isBefore(startedAt(e2e.events().awaitProgress("added-after-it")));
        assertThat(databases.mark(database).jobId()).isEqualTo("added-after-it");
    }

    @Test
    void aDelayedAddIsSupersededByALaterDelete() {
        String database = e2e.database("added_late");
        points.hold("added-late", "journal start");
        e2e.send(JobJson.of("Add", "added-late", database));
        Await.until("the Add is held", () -> points.isHeld("added-late", "journal start"));
        e2e.send(JobJson.of("Delete", "deleted-meanwhile", database));
        Await.until(
                "the Delete waits for the lock",
                () -> databases
                        .rows(
                                "journal_of_" + e2e.login().username(),
                                "SELECT waits > 0 FROM job_run WHERE job_id = 'deleted-meanwhile'")
                        .contains("t"));

        points.release("added-late", "journal start");

        // The Delete could not have the lock, so it had not succeeded: both do as they say, in this order.
        e2e.events().awaitSuccess("added-late");
        e2e.events().awaitSuccess("deleted-meanwhile");
        assertThat(databases.exists(database)).isFalse();
    }

    @Test
    void aDelayedDeleteOfAnAbsentDatabaseSucceedsAfterALaterDelete() {
        String database = e2e.database("nothing_left");
        add("nothing-left", database);
        points.hold("delete-early", "lock");
        e2e.send(JobJson.of("Delete", "delete-early", database));
        Await.until("the Delete is held", () -> points.isHeld("delete-early", "lock"));
        e2e.send(JobJson.of("Delete", "delete-late", database));
        e2e.events().awaitSuccess("delete-late");

        points.release("delete-early", "lock");

        Event deleted = e2e.events().awaitSuccess("delete-early");
        assertThat(deleted.data().get("changed").asBoolean()).isFalse();
    }

    @Test
    void aDelayedAddOfAnExistingDatabaseSucceedsAfterALaterAdd() {
        String database = e2e.database("there_already");
        points.hold("add-early", "lock");
        e2e.send(JobJson.of("Add", "add-early", database));
        Await.until("the Add is held", () -> points.isHeld("add-early", "lock"));
        add("add-late", database);

        points.release("add-early", "lock");

        Event created = e2e.events().awaitSuccess("add-early");
        assertThat(created.data().get("changed").asBoolean()).isFalse();
        assertThat(databases.mark(database).jobId()).isEqualTo("add-late");
    }

    @Test
    void aJobThatIsSentAgainAfterItWasSupersededIsDone() {
        String database = e2e.database("wanted_still");
        add("wanted-first", database);
        points.hold("delete-wanted", "lock");
        JobJson delete = JobJson.of("Delete", "delete-wanted", database);
        e2e.send(delete);
        Await.until("the Delete is held", () -> points.isHeld("delete-wanted", "lock"));
        add("wanted-again", database);
        points.release("delete-wanted", "lock");
        Event superseded = awaitSuperseded("delete-wanted");

        e2e.send(delete);

        e2e.events().awaitSuccessAfter(superseded);
        assertThat(databases.exists(database)).isFalse();
    }
}
