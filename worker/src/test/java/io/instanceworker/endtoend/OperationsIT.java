package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.OwnershipMark;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** The five operations, as whoever asks for them sees them. */
class OperationsIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    private static final int MINIMAL_ROWS = 3;
    private static final int SAMPLE_ROWS = 50;

    private static Databases databases;
    private static WorkerProcess worker;

    @BeforeAll
    static void start() {
        databases = e2e.databases();
        databases.createTemplate(e2e.database("tpl_minimal"), MINIMAL_ROWS);
        databases.createTemplate(e2e.database("tpl_sample"), SAMPLE_ROWS);
        WorkerSettings settings = e2e.settings()
                .template("default", "Minimal", e2e.database("tpl_minimal"))
                .template("default", "Sample", e2e.database("tpl_sample"))
                .with("instance-worker.servers.default.default-template", "Minimal")
                .with(
                        "instance-worker.servers.default.connection-string",
                        "Host={host};Port={port};Database={database}")
                .serverLike("default", "bare")
                .with("instance-worker.servers.bare.allow-unmanaged-delete", "true");
        worker = e2e.start(settings).awaitReady();
        e2e.events();
    }

    @Test
    void anAddCreatesADatabaseFromTheNamedTemplate() {
        String database = e2e.database("named");
        Instant before = Instant.now();
        e2e.send(JobJson.of("Add", "add-named", database)
                .instance("id", "42")
                .instance("tenant", "tenant1")
                .instance("name", "Grand Bend")
                .template("Sample")
                .with("requestedBy", "admin-api"));

        Event created = e2e.events().awaitSuccess("add-named");

        assertThat(databases.schools(database)).isEqualTo(databases.schools(e2e.database("tpl_sample")));
        OwnershipMark mark = databases.mark(database);
        assertThat(mark.createdAt()).isBetween(before.minus(Duration.ofSeconds(1)), Instant.now());
        assertThat(mark)
                .isEqualTo(new OwnershipMark(
                        "42", "tenant1", "add-named", Operation.ADD, "Sample", null, mark.createdAt()));

        assertThat(e2e.events().outcomes("add-named")).containsExactly("InProgress", "Succeeded");
        Event begun = e2e.events().of("add-named").get(0);
        assertThat(begun.data().get("status").asString()).isEqualTo("CreateInProgress");
        assertThat(begun.data().get("legacyStatus").asString()).isEqualTo("InProgress");
        assertThat(begun.state()).isEqualTo("BUILDING");
        assertThat(begun.data().get("sequence").asLong())
                .isLessThan(created.data().get("sequence").asLong());

        assertThat(e2e.events().of("add-named"))
                .allSatisfy(event ->
                        assertThat(event.data().get("requestedBy").asString()).isEqualTo("admin-api"));
        assertThat(databases.rows(
                        "journal_of_" + e2e.login().username(),
                        "SELECT requested_by, outcome FROM job_run WHERE job_id = 'add-named'"))
                .containsExactly("admin-api|Succeeded");
        JsonNode data = created.data();
        assertThat(created.json().get("subject").asString()).isEqualTo("tenant1/42");
        assertThat(data.get("status").asString()).isEqualTo("Created");
        assertThat(data.get("legacyStatus").asString()).isEqualTo("Completed");
        assertThat(data.get("changed").asBoolean()).isTrue();
        assertThat(data.get("isError").asBoolean()).isFalse();
        assertThat(data.get("willRetry").asBoolean()).isFalse();
        assertThat(data.at("/state/name").asString()).isEqualTo("ONLINE");
        assertThat(data.at("/state/code").asInt()).isZero();
        assertThat(data.get("attempt").asInt()).isEqualTo(1);
        assertThat(data.get("maxAttempts").asInt()).isEqualTo(3);
        assertThat(data.get("server").asString()).isEqualTo("default");
        assertThat(data.get("worker").asString()).isEqualTo(worker.name());
        assertThat(data.get("instance").toString())
                .isEqualTo("{\"id\":\"42\",\"tenant\":\"tenant1\",\"name\":\"Grand Bend\",\"databaseName\":\""
                        + database + "\"}");
        assertThat(data.get("connectionString").asString())
                .isEqualTo("Host=" + e2e.postgres().host() + ";Port="
                        + e2e.postgres().port() + ";Database=" + database);
    }

    @Test
    void anAddWithoutATemplateUsesTheDefaultTemplate() {
        String database = e2e.database("by_default");
        e2e.send(JobJson.of("Add", "add-default", database).without("template"));

        e2e.events().awaitSuccess("add-default");

        assertThat(databases.schools(database)).hasSize(MINIMAL_ROWS);
        assertThat(databases.mark(database).template()).isEqualTo("Minimal");
        assertThat(databases.mark(database).instanceId()).isEqualTo(database);
    }

    @Test
    void anAddWithoutATemplateIsRefusedIfThereIsNoDefault() {
        String database = e2e.database("of_nothing");
        e2e.send(JobJson.of("Add", "add-of-nothing", database).server("bare").without("template"));

        e2e.events().awaitError("add-of-nothing", "UNKNOWN_TEMPLATE");

        assertThat(databases.exists(database)).isFalse();
    }

    @Test
    void anAddWithAnEmptyTemplateIgnoresTheDefaultTemplate() {
        String database = e2e.database("empty_all_the_same");
        e2e.send(JobJson.of("Add", "add-empty-too", database).template(""));

        e2e.events().awaitSuccess("add-empty-too");

        assertThat(databases.rows(database, "SELECT nspname FROM pg_namespace WHERE nspname = 'edfi'"))
                .isEmpty();
        assertThat(databases.mark(database).template()).isNull();
    }

    @Test
    void anAddWithAnEmptyTemplateNeedsNoDefaultTemplate() {
        String database = e2e.database("empty");
        e2e.send(JobJson.of("Add", "add-empty", database).server("BARE"));

        Event created = e2e.events().awaitSuccess("add-empty");

        assertThat(databases.rows(database, "SELECT nspname FROM pg_namespace WHERE nspname = 'edfi'"))
                .isEmpty();
        assertThat(databases.mark(database).template()).isNull();
        assertThat(created.data().get("connectionString").isNull()).isTrue();
        assertThat(created.data().get("server").asString()).isEqualTo("bare");
    }

    @Test
    void aSecondAddForTheSameInstanceSucceedsUnchanged() {
        String database = e2e.database("twice");
        e2e.send(JobJson.of("Add", "twice-1", database).without("template"));
        e2e.events().awaitSuccess("twice-1");

        e2e.send(JobJson.of("Add", "twice-2", database).without("template"));

        Event again = e2e.events().awaitSuccess("twice-2");
        assertThat(again.data().get("status").asString()).isEqualTo("Created");
        assertThat(again.data().get("changed").asBoolean()).isFalse();
        assertThat(e2e.events().outcomes("twice-2")).containsExactly("Succeeded");
        assertThat(databases.mark(database).jobId()).isEqualTo("twice-1");
    }

    @Test
    void theDatabaseNameIsDerivedFromTheDisplayName() {
        String given = " EdFi_Ods_" + e2e.database("Grand Bend 2022-2023 ");
        String database = "EdFi_Ods_" + e2e.database("Grand_Bend_2022-2023") + "_Sample";
        e2e.send(JobJson.of("Add", "derived").instance("name", given).template("Sample"));

        Event created = e2e.events().awaitSuccess("derived");

        assertThat(created.data().at("/instance/databaseName").asString()).isEqualTo(database);
        assertThat(created.data().at("/instance/id").asString()).isEqualTo(database);
        assertThat(databases.schools(database)).hasSize(SAMPLE_ROWS);
    }

    @Test
    void aCopyHasTheSourcesDataAndSettings() {
        String source = e2e.database("original");
        String copy = e2e.database("copy");
        e2e.send(JobJson.of("Add", "original", source).template("Sample"));
        e2e.events().awaitSuccess("original");
        giveItsOwnTraits(source);

        e2e.send(JobJson.of("Copy", "copy", copy).source(source));

        Event created = e2e.events().awaitSuccess("copy");
        assertThat(created.data().get("status").asString()).isEqualTo("Created");
        assertThat(created.data().get("changed").asBoolean()).isTrue();
        assertThat(e2e.events().of("copy").get(0).state()).isEqualTo("COPYING");
        assertThat(databases.schools(copy)).contains("51|made later").isEqualTo(databases.schools(source));
        assertThat(traits(copy)).contains("limit 17", "owner " + e2e.database("owner"));
        assertThat(traits(copy)).isEqualTo(traits(source));
        OwnershipMark mark = databases.mark(copy);
        assertThat(mark)
                .isEqualTo(new OwnershipMark(copy, null, "copy", Operation.COPY, null, source, mark.createdAt()));
    }

    private static void giveItsOwnTraits(String database) {
        String owner = e2e.createRole("owner").username();
        String reader = e2e.createRole("reader").username();
        String worker = e2e.database("worker");
        databases.asWorker(database, "INSERT INTO edfi.school VALUES (51, 'made later')");
        databases.asSuperuser("GRANT " + owner + " TO " + worker);
        String subject = "DATABASE " + database;
        databases.asSuperuser("ALTER " + subject + " OWNER TO " + owner);
        databases.asSuperuser("REVOKE ALL ON " + subject + " FROM PUBLIC");
        databases.asSuperuser("GRANT CONNECT, TEMPORARY ON " + subject + " TO " + reader + " WITH GRANT OPTION");
        databases.asSuperuser("ALTER " + subject + " CONNECTION LIMIT 17");
        databases.asSuperuser("ALTER " + subject + " SET search_path TO edfi, public");
        databases.asSuperuser("ALTER " + subject + " SET statement_timeout TO '1min'");
        databases.asSuperuser("ALTER ROLE " + worker + " IN " + subject + " SET work_mem TO '8MB'");
    }

    private static List<String> traits(String database) {
        return databases.rows("postgres", """
                SELECT 'owner ' || pg_get_userbyid(d.datdba) FROM pg_database d WHERE datname = '%1$s'
                UNION SELECT 'limit ' || datconnlimit FROM pg_database d WHERE datname = '%1$s'
                UNION SELECT 'grant ' || g.grantee::regrole || ' ' || g.privilege_type || ' ' || g.is_grantable
                FROM pg_database d, aclexplode(d.datacl) g WHERE datname = '%1$s'
                UNION SELECT 'setting ' || s.setrole || ' ' || s.setconfig::text
                FROM pg_database d JOIN pg_db_role_setting s ON s.setdatabase = d.oid WHERE datname = '%1$s'
                ORDER BY 1""".formatted(database));
    }

    @Test
    void aTemplateCanBeCopied() {
        String copy = e2e.database("template_copy");
        e2e.send(JobJson.of("Copy", "template-copy", copy).source(e2e.database("tpl_sample")));

        e2e.events().awaitSuccess("template-copy");

        assertThat(databases.schools(copy)).isEqualTo(databases.schools(e2e.database("tpl_sample")));
        assertThat(databases.mark(copy).source()).isEqualTo(e2e.database("tpl_sample"));
    }

    @Test
    void aDeleteDropsADatabaseInUse() throws Exception {
        String database = e2e.database("deleted");
        e2e.send(JobJson.of("Add", "to-delete", database));
        e2e.events().awaitSuccess("to-delete");

        // A session must not keep an instance's database from being dropped.
        try (Connection session = databases.session(database, "somebody")) {
            e2e.send(JobJson.of("Delete", "delete", database));
            Event deleted = e2e.events().awaitSuccess("delete");

            assertThat(session.isValid(1)).isFalse();
            assertThat(deleted.data().get("status").asString()).isEqualTo("Deleted");
            assertThat(deleted.data().get("legacyStatus").asString()).isEqualTo("Deleted");
            assertThat(deleted.data().get("changed").asBoolean()).isTrue();
            assertThat(deleted.state()).isEqualTo("NOT_FOUND");
        }
        Event begun = e2e.events().of("delete").get(0);
        assertThat(begun.data().get("status").asString()).isEqualTo("DeleteInProgress");
        assertThat(begun.data().get("legacyStatus").asString()).isEqualTo("Pending_Delete");
        assertThat(databases.exists(database)).isFalse();

        e2e.send(JobJson.of("Delete", "delete-again", database));

        Event again = e2e.events().awaitSuccess("delete-again");
        assertThat(again.data().get("changed").asBoolean()).isFalse();
        assertThat(e2e.events().outcomes("delete-again")).containsExactly("Succeeded");
    }

    @Test
    void anUnmanagedDatabaseIsDroppedOnlyIfJobAndSettingsAllowIt() {
        String database = e2e.database("unmanaged");
        databases.create(database);
        e2e.send(JobJson.of("Delete", "unmanaged-1", database).with("allowUnmanaged", true));
        e2e.events().awaitError("unmanaged-1", "NOT_MANAGED");
        e2e.send(JobJson.of("Delete", "unmanaged-2", database).server("bare"));
        e2e.events().awaitError("unmanaged-2", "NOT_MANAGED");
        assertThat(databases.exists(database)).isTrue();

        e2e.send(JobJson.of("Delete", "unmanaged-3", database).server("bare").with("allowUnmanaged", true));

        e2e.events().awaitSuccess("unmanaged-3");
        assertThat(databases.exists(database)).isFalse();
    }

    @Test
    void anInfoDescribesTheDatabase() throws Exception {
        String database = e2e.database("described");
        e2e.send(JobJson.of("Add", "to-describe", database).template("Sample"));
        e2e.events().awaitSuccess("to-describe");

        try (Connection session = databases.session(database, "reader")) {
            e2e.publish(JobJson.of("Info", "info", database).toString(), "job.info", Map.of());
            Event told = e2e.events().awaitSuccess("info");

            assertThat(session.isValid(1)).isTrue();
            assertThat(told.data().get("status").isNull()).isTrue();
            assertThat(told.data().get("changed").asBoolean()).isFalse();
            assertThat(told.state()).isEqualTo("ONLINE");
            JsonNode info = told.data().get("info");
            assertThat(info.get("sizeBytes").asLong()).isGreaterThan(1_000_000);
            assertThat(info.get("size").asString()).endsWith(" MiB");
            assertThat(info.get("activeConnections").asInt()).isEqualTo(1);
            assertThat(info.get("owner").asString()).isEqualTo(e2e.database("worker"));
            assertThat(info.get("collation").asString()).isEqualTo("C");
            assertThat(Instant.parse(info.get("createdAt").asString()))
                    .isEqualTo(databases.mark(database).createdAt());
            assertThat(info.get("createdByJob").asString()).isEqualTo("to-describe");
            assertThat(info.get("template").asString()).isEqualTo("Sample");
            assertThat(info.get("source").isNull()).isTrue();
            assertThat(info.get("engine").asString()).isEqualTo("PostgreSQL");
            assertThat(info.get("engineVersion").asString())
                    .isEqualTo(e2e.postgres().version());
            assertThat(told.data().get("connectionString").asString()).endsWith("Database=" + database);
        }
        assertThat(e2e.events().outcomes("info")).containsExactly("Succeeded");
    }
}
