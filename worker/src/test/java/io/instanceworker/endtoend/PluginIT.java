package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.contracts.provision.InstanceProvisionerFactory;
import io.instanceworker.endtoend.plugin.ShelfProvisioner;
import io.instanceworker.endtoend.plugin.ShelfProvisionerFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An engine of somebody else's: a jar in a folder, and no change of ours. */
class PluginIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    @TempDir
    static Path plugins;

    @BeforeAll
    static void start() {
        PluginJar.write(
                plugins.resolve("shelf.jar"),
                InstanceProvisionerFactory.class,
                ShelfProvisionerFactory.class,
                ShelfProvisioner.class);
        e2e.start(e2e.settings()
                        .fromPackagedJar()
                        .with("instance-worker.servers.library.platform", "Shelf")
                        .with("instance-worker.servers.library.url", "shelf:fiction")
                        .with("instance-worker.servers.library.connection-string", "{host}#{port}/{database}")
                        .with("instance-worker.default-server", "default")
                        .jvmOption("-Dloader.path=" + plugins))
                .awaitReady();
        e2e.events();
    }

    @Test
    void jobsRunOnThePluginsServer() {
        send(JobJson.of("Add", "add", "Book_1").instance("id", 1));
        Event created = e2e.events().awaitSuccess("add");
        assertThat(created.data().get("connectionString").asString()).isEqualTo("library#7/Book_1");
        assertThat(created.data().get("changed").asBoolean()).isTrue();

        // The engine's own rules hold: case makes no difference, and names are short.
        send(JobJson.of("Status", "status", "BOOK_1"));
        assertThat(e2e.events().awaitSuccess("status").state()).isEqualTo("ONLINE");
        send(JobJson.of("Add", "conflict", "book_1").instance("id", 2));
        e2e.events().awaitError("conflict", "INSTANCE_CONFLICT");
        send(JobJson.of("Add", "long", "x".repeat(41)));
        e2e.events().awaitError("long", "NAME_TOO_LONG");
        send(JobJson.of("Add", "reserved", "Draft_1"));
        e2e.events().awaitError("reserved", "PROTECTED_DATABASE");

        send(JobJson.of("Delete", "delete", "Book_1").instance("id", 1));
        assertThat(e2e.events().awaitSuccess("delete").state()).isEqualTo("NOT_FOUND");
    }

    @Test
    void aPluginDoesNotChangeTheBuiltInEngines() {
        e2e.send(JobJson.of("Add", "ours", e2e.database("ours")));

        e2e.events().awaitSuccess("ours");

        assertThat(e2e.databases().exists(e2e.database("ours"))).isTrue();
    }

    @Test
    void aJobThatFailsByADefectOfThePluginIsRetriedAndThenDeadLettered() {
        send(JobJson.of("Add", "defect", "a_defect"));

        Event error = e2e.events().awaitError("defect", "INTERNAL_ERROR");

        assertThat(e2e.events().outcomes("defect"))
                .containsExactly("InProgress", "Failed", "InProgress", "Failed", "InProgress", "Error");
        assertThat(error.errorMessage()).doesNotContain("a defect of this engine");
        Await.until("it is kept", () -> e2e.host().ready(EndToEnd.DEAD) == 1);
    }

    private static void send(JobJson job) {
        e2e.send(job.server("library"));
    }
}
