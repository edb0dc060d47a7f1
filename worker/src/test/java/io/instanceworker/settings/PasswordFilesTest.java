package io.instanceworker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.boot.env.ConfigTreePropertySource.Option;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Passwords that are changed while the worker runs. */
class PasswordFilesTest {

    @TempDir
    private Path folder;

    private final StandardEnvironment environment = new StandardEnvironment();
    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("instance-worker.servers.main_1.password"), "first\n");
        environment
                .getPropertySources()
                .addLast(new ConfigTreePropertySource("tree", folder, Option.AUTO_TRIM_TRAILING_NEW_LINE));
    }

    private Supplier<String> password(String atStart) {
        return new PasswordFiles(environment).password("main_1", atStart);
    }

    @Test
    void aPasswordInAFileIsReadAtEachUse() throws IOException {
        Supplier<String> password = password("first");
        assertThat(password.get()).isEqualTo("first");
        Files.writeString(file, "second\n");
        assertThat(password.get()).isEqualTo("second");
        Files.writeString(file, "third\r\n");
        assertThat(password.get()).isEqualTo("third");
    }

    @Test
    void aRemovedPasswordFileCountsAsUnchanged() throws IOException {
        Supplier<String> password = password("first");
        Files.delete(file);
        assertThat(password.get()).isEqualTo("first");
    }

    @Test
    void aPasswordThatIsNotFromAFileNeverChanges() {
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("map", Map.of("instance-worker.servers.main_1.password", "other")));
        assertThat(password("other").get()).isEqualTo("other");
    }

    @Test
    void aPasswordThatDiffersFromItsFileAtStartNeverChanges() throws IOException {
        Files.writeString(file, "${placeholder}");
        Supplier<String> password = password("its value");
        assertThat(password.get()).isEqualTo("its value");
    }
}
