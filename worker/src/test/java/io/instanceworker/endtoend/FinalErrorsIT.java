package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What no retry can help: told once as an error, and the job is done with. */
class FinalErrorsIT {

    /** After these the server has nothing to say of a database, or is not asked. */
    private static final Set<String> NOT_ASKED =
            Set.of("UNKNOWN_SERVER", "UNKNOWN_TEMPLATE", "PROTECTED_DATABASE", "INVALID_NAME", "NAME_TOO_LONG");

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    private static Databases databases;
    private static PoolerStandIn pooler;

    @BeforeAll
    static void start() {
        databases = e2e.databases();
        databases.createTemplate(e2e.database("tpl"), 2);
        databases.createTemplate(e2e.database("tpl_other"), 2);
        databases.asSuperuser("CREATE DATABASE " + e2e.database("foreign"));
        databases.asSuperuser("CREATE DATABASE " + e2e.database("icu")
                + " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'");
        databases.asSuperuser("ALTER DATABASE " + e2e.database("icu") + " IS_TEMPLATE true");
        databases.asSuperuser(
                "UPDATE pg_database SET datcollversion = '1.2.3' WHERE datname = '" + e2e.database("icu") + "'");
        pooler = new PoolerStandIn(e2e.postgres().host(), e2e.postgres().port());
        e2e.start(e2e.settings()
                        .template("default", "Minimal", e2e.database("tpl"))
                        .template("default", "Other", e2e.database("tpl_other"))
                        .template("default", "Gone", e2e.database("gone"))
                        .template("default", "Foreign", e2e.database("foreign"))
                        .template("default", "Icu", e2e.database("icu"))
                        .with("instance-worker.protected-databases", e2e.database("keep") + "*")
                        .serverLike("default", "pooled")
                        .with(
                                "instance-worker.servers.pooled.url",
                                "jdbc:postgresql://127.0.0.1:" + pooler.port() + "/postgres"))
                .awaitReady();
        e2e.events();
    }

    @AfterAll
    static void stop() {
        pooler.close();
        databases.asSuperuser("ALTER DATABASE " + e2e.database("icu") + " IS_TEMPLATE false");
        assertThat(e2e.host().ready(EndToEnd.DEAD))
                .as("only what is no job is kept")
                .isZero();
    }

    @Test
    void invalidDatabaseNamesAreRefused() {
        error(JobJson.of("Add", "quote", "a\"; DROP DATABASE postgres; --"), "INVALID_NAME", "CreateError");
        error(JobJson.of("Delete", "digit", "1st"), "INVALID_NAME", "DeleteError");
        error(JobJson.of("Info", "space", "a b"), "INVALID_NAME", null);
        error(copy("bad-source", "x", "a/b"), "INVALID_NAME", "CreateError");
        error(JobJson.of("Add", "long", "x".repeat(64)), "NAME_TOO_LONG", "CreateError");
        error(JobJson.of("Add", "derived").instance("name", "x".repeat(60)), "NAME_TOO_LONG", "CreateError");
    }

    @Test
    void unknownServersAndTemplatesAreRefused() {
        error(JobJson.of("Add", "no-server", e2e.database("x")).server("elsewhere"), "UNKNOWN_SERVER", "CreateError");
        error(JobJson.of("Status", "no-server-to-look-at").server("elsewhere"), "UNKNOWN_SERVER", null);
        Event unknown = error(
                JobJson.of("Add", "no-template", e2e.database("x")).template("tpl/../x"),
                "UNKNOWN_TEMPLATE",
                "CreateError");
        assertThat(unknown.errorMessage()).contains("Minimal", "Other");
        error(JobJson.of("Add", "gone", e2e.database("x")).template("gone"), "TEMPLATE_NOT_FOUND", "CreateError");
    }

    @Test
    void protectedDatabasesAreRefused() {
        for (String name : List.of("postgres", "template1", "EDFI_ADMIN", "EdFi_Security_t1", e2e.database("tpl"))) {
            error(
                    JobJson.of("Delete", "delete-" + name, name).with("allowUnmanaged", true),
                    "PROTECTED_DATABASE",
                    "DeleteError");
        }
        error(JobJson.of("Add", "add-keep", e2e.database("keep_this")), "PROTECTED_DATABASE", "CreateError");
        error(copy("copy-keep", e2e.database("keep_that"), e2e.database("tpl")), "PROTECTED_DATABASE", "CreateError");
        error(JobJson.of("Add", "add-staging", "iw_staging_0"), "PROTECTED_DATABASE", "CreateError");
        assertThat(databases.exists(e2e.database("tpl"))).isTrue();
    }

    @Test
    void anUnmanagedDatabaseIsNotChanged() {
        String database = e2e.database("somebodys");
        databases.create(database);

        error(JobJson.of("Delete", "unmanaged", database), "NOT_MANAGED", "DeleteError");
        error(copy("copy-unmanaged", e2e.database("x"), database), "NOT_MANAGED", "CreateError");
        error(JobJson.of("Add", "add-unmanaged", database), "INSTANCE_CONFLICT", "CreateError");

        assertThat(databases.exists(database)).isTrue();
        assertThat(databases.mark(database)).isNull();
    }

    @Test
    void aDatabaseOfAnotherInstanceIsNotChanged() {
        String database = e2e.database("owned");
        e2e.send(JobJson.of("Add", "owner", database)
                .instance("id", 1)
                .instance("tenant", "a")
                .template("Minimal"));
        e2e.events().awaitSuccess("owner");

        Event other = error(
                JobJson.of("Add", "other-id", database)
                        .instance("id", 2)
                        .instance("tenant", "a")
                        .template("Minimal"),
                "INSTANCE_CONFLICT",
                "CreateError");
        assertThat(other.errorMessage()).contains("\"1\"", "\"a\"");
        error(
                JobJson.of("Add", "other-tenant", database).instance("id", 1).instance("tenant", "b"),
                "INSTANCE_CONFLICT",
                "CreateError");
        error(JobJson.of("Delete", "no-tenant", database).instance("id", 1), "INSTANCE_CONFLICT", "DeleteError");
        error(copy("over-it", database, e2e.database("tpl")), "INSTANCE_CONFLICT", "CreateError");
        error(
                JobJson.of("Add", "other-template", database)
                        .instance("id", 1)
                        .instance("tenant", "a")
                        .template("Other"),
                "INSTANCE_CONFLICT",
                "CreateError");

        assertThat(databases.mark(database).jobId()).isEqualTo("owner");
        assertThat(databases.schools(database)).hasSize(2);
    }

    @Test
    void aCopyOfAMissingOrInvalidSourceIsRefused() {
        error(copy("no-source", e2e.database("x"), e2e.database("nowhere")), "SOURCE_NOT_FOUND", "CreateError");
        error(JobJson.of("Info", "no-instance", e2e.database("nowhere")), "INSTANCE_NOT_FOUND", null);

        String broken = e2e.database("broken");
        e2e.send(JobJson.of("Add", "broken", broken));
        e2e.events().awaitSuccess("broken");
        databases.asSuperuser("UPDATE pg_database SET datconnlimit = -2 WHERE datname = '" + broken + "'");
        error(copy("copy-broken", e2e.database("x"), broken), "SOURCE_INVALID", "CreateError");

        // Only a drop cures it, and it is ours.
        e2e.send(JobJson.of("Add", "repair", broken));
        assertThat(e2e.events().awaitSuccess("repair").data().get("changed").asBoolean())
                .isTrue();
        assertThat(databases.mark(broken).jobId()).isEqualTo("repair");
    }

    @Test
    void aTemplateThatTheServerForbidsIsAFinalError() {
        Event forbidden = error(
                JobJson.of("Add", "foreign", e2e.database("x")).template("Foreign"),
                "INSUFFICIENT_PRIVILEGE",
                "CreateError");
        assertThat(forbidden.data().at("/error/sqlState").asString()).isEqualTo("42501");

        Event collation =
                error(JobJson.of("Add", "icu", e2e.database("x")).template("Icu"), "COLLATION_MISMATCH", "CreateError");
        assertThat(collation.data().at("/error/sqlState").asString()).isEqualTo("XX000");
    }

    /** The privilege is missed only when the copy is there already: nothing of it may be left. */
    @Test
    void aCopyThatFailsForAMissingPrivilegeLeavesNoStagingDatabase() {
        String source = e2e.database("special");
        e2e.send(JobJson.of("Add", "special", source).template("Minimal"));
        e2e.events().awaitSuccess("special");
        databases.asSuperuser("ALTER DATABASE " + source + " SET log_statement TO 'all'");

        error(copy("copy-special", e2e.database("x"), source), "INSUFFICIENT_PRIVILEGE", "CreateError");

        assertThat(databases.staging()).isEmpty();
    }

    @Test
    void aConnectionPoolerIsRefused() {
        error(JobJson.of("Add", "pooled", e2e.database("x")).server("pooled"), "UNSUPPORTED_BY_SERVER", "CreateError");
    }

    @Test
    void aJobPastItsDeadlineIsNotStarted() {
        Event late = error(
                JobJson.of("Add", "late", e2e.database("late")).with("deadline", "2020-01-01T00:00:00Z"),
                "DEADLINE_EXCEEDED",
                "CreateError");

        assertThat(late.errorMessage()).contains("2020-01-01");
        assertThat(databases.exists(e2e.database("late"))).isFalse();
    }

    @Test
    void aCopyOfADatabaseToItselfIsRejected() {
        String database = "EdFi_Ods_" + e2e.database("self");
        e2e.publish(
                JobJson.of("Copy", "self")
                        .instance("name", e2e.database("self"))
                        .source(database)
                        .toString(),
                "job.copy",
                Map.of());

        Event rejected = e2e.events().awaitEnd("self");

        assertThat(rejected.outcome()).isEqualTo("Rejected");
        assertThat(rejected.errorCode()).isEqualTo("INVALID_REQUEST");
        Await.until("it is kept", () -> e2e.host().ready(EndToEnd.DEAD) == 1);
        assertThat(e2e.drain(EndToEnd.DEAD)).hasSize(1);
    }

    private static JobJson copy(String jobId, String databaseName, String source) {
        return JobJson.of("Copy", jobId, databaseName).source(source);
    }

    private static Event error(JobJson job, String code, String status) {
        e2e.send(job);
        Event error = e2e.events().awaitError(job.jobId(), code);
        assertThat(error.data().get("status").asString(null)).isEqualTo(status);
        assertThat(error.data().at("/error/retryable").asBoolean()).isFalse();
        assertThat(error.data().get("willRetry").asBoolean()).isFalse();
        assertThat(error.data().get("changed").asBoolean()).isFalse();
        assertThat(error.errorMessage()).isNotBlank();
        String database = error.data().at("/instance/databaseName").asString("");
        assertThat(error.state())
                .isEqualTo(NOT_ASKED.contains(code) ? "UNKNOWN" : databases.exists(database) ? "ONLINE" : "NOT_FOUND");
        assertThat(e2e.events().of(job.jobId())).filteredOn(Event::isFinal).hasSize(1);
        assertThat(error.attempt()).isEqualTo(1);
        return error;
    }
}
