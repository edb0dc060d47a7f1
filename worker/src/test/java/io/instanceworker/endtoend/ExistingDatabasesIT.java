package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Adopt, a Delete to the trash, and Restore, with instancectl and a worker. */
class ExistingDatabasesIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(17);

    @BeforeAll
    static void start() {
        e2e.start(e2e.settings()
                        .with("instance-worker.servers.default.allow-adopt", "true")
                        .with("instance-worker.servers.default.delete", "trash"))
                .awaitReady();
        e2e.events();
    }

    private static Call done(String... words) {
        Call call = Call.to(e2e.host(), e2e.secrets());
        assertThat(call.run(words)).as(call.err() + call.out()).isZero();
        return call;
    }

    @Test
    void aDatabaseIsAdoptedDeletedListedAndRestored() {
        String database = e2e.database("adopted");
        e2e.databases().create(database, "CREATE TABLE kept (id int)");

        assertThat(done("adopt", database, "--id", "7", "--tenant", "t1").out())
                .contains("status            Created\n", "changed           true\n");
        assertThat(e2e.databases().mark(database).instanceId()).isEqualTo("7");

        assertThat(done("delete", database, "--id", "7", "--tenant", "t1", "--yes")
                        .out())
                .contains("status            Deleted\n", "is in the trash as \"iw_trash_");
        JsonNode listed = done("trash", "list", "--name-prefix", database, "--output", "json")
                .json()
                .at("/data/instances");
        assertThat(listed).hasSize(1);
        assertThat(listed.at("/0/trash/databaseName").asString()).startsWith("iw_trash_");
        assertThat(done("trash", "list", "--name-prefix", database).out())
                .contains("KEPT UNTIL", database + "  7         t1 ");

        assertThat(Call.to(e2e.host(), e2e.secrets()).run("restore", database, "--id", "8", "--tenant", "t1"))
                .isEqualTo(1);
        assertThat(done("restore", database, "--id", "7", "--tenant", "t1").out())
                .contains("status            Created\n", "changed           true\n");
        assertThat(e2e.databases().rows(database, "SELECT count(*) FROM kept")).containsExactly("0");
        assertThat(e2e.databases().mark(database).instanceId()).isEqualTo("7");
    }
}
