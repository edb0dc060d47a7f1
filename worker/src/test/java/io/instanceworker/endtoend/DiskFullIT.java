package io.instanceworker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A real file system that is too small, which takes root to mount; elsewhere this is skipped. */
class DiskFullIT {

    @RegisterExtension
    static final EndToEnd e2e = EndToEnd.onPostgres(13);

    /** Room for one small database and not for two. */
    private static final String SIZE = "12m";

    private Path disk;
    private String tablespace;

    @BeforeEach
    void mount() throws Exception {
        tablespace = e2e.database("small_disk");
        disk = Files.createTempDirectory("instance-worker-disk");
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=" + SIZE + ",mode=777", "tmpfs", disk.toString());
        assumeTrue(mounted, "needs the right to mount a file system");
        Path place = Files.createDirectory(disk.resolve("tablespace"));
        assumeTrue(
                run("chown", "65534:65534", place.toString()) && e2e.postgres().canBeStopped(),
                "needs a PostgreSQL server on this machine");
        e2e.databases().asSuperuser("CREATE TABLESPACE " + tablespace + " LOCATION '" + place + "'");
        e2e.databases()
                .asSuperuser("GRANT CREATE ON TABLESPACE " + tablespace + " TO "
                        + e2e.login().username());
    }

    @AfterEach
    void unmount() throws Exception {
        e2e.databases().asSuperuser("DROP DATABASE IF EXISTS " + e2e.database("tpl_small"));
        e2e.databases().asSuperuser("DROP TABLESPACE IF EXISTS " + tablespace);
        run("umount", disk.toString());
        Files.deleteIfExists(disk);
    }

    @Test
    void aFullDiskIsReportedAndTheJobIsDoneOnceThereIsDiskSpace() throws Exception {
        e2e.databases()
                .asWorker("postgres", "CREATE DATABASE " + e2e.database("tpl_small") + " TABLESPACE " + tablespace);
        e2e.start(e2e.settings().template("default", "Small", e2e.database("tpl_small")))
                .awaitReady();
        e2e.events();
        e2e.send(JobJson.of("Add", "no-room", e2e.database("no_room")).template("Small"));

        Event failed = e2e.events().awaitFailure("no-room", "DISK_FULL");
        assertThat(failed.data().get("error").get("sqlState").asString()).isEqualTo("53100");
        assertThat(e2e.databases().exists(e2e.database("no_room"))).isFalse();

        assertThat(run("mount", "-o", "remount,size=64m", disk.toString())).isTrue();
        e2e.events().awaitSuccess("no-room");
        e2e.databases().asSuperuser("DROP DATABASE " + e2e.database("no_room"));
        assertThat(e2e.databases().staging()).isEqualTo(List.of());
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }
}
