package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.Login;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A server's password that is changed while the worker runs. */
class ChangedPasswordIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(18);

    private static final String SECRET = "Correct-Horse-4711";

    @Test
    void aPasswordChangedInItsFileCostsNoAttempt(@TempDir Path secrets) throws IOException {
        Login role = e2e.createRole("rotated");
        Path file = secrets.resolve("instance-worker.servers.default.password");
        Files.writeString(file, role.password() + "\n");
        WorkerProcess worker = e2e.start(e2e.settings()
                        .server("default", e2e.postgres(), role)
                        .without("instance-worker.servers.default.password")
                        .environment("INSTANCE_WORKER_SECRETS", secrets.toString()))
                .awaitReady();
        e2e.events();
        e2e.send(add("password-first"));
        e2e.events().awaitSuccess("password-first");

        e2e.secrets().add(SECRET);
        e2e.databases().asSuperuser("ALTER ROLE " + Databases.quote(role.username()) + " PASSWORD '" + SECRET + "'");
        e2e.databases()
                .asSuperuser("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '"
                        + role.username() + "'");
        worker.awaitLog("The server default cannot be used; its jobs wait");
        e2e.send(add("password-changed"));
        worker.awaitLog(" s: the server default cannot be used");
        Files.writeString(file, SECRET + "\n");

        Event added = e2e.events().awaitSuccess("password-changed");
        assertThat(e2e.events().outcomes("password-changed")).containsExactly("InProgress", "Succeeded");
        assertThat(added.attempt()).isOne();
    }

    private static JobJson add(String jobId) {
        return JobJson.of("Add", jobId, e2e.database(jobId));
    }
}
