package io.instanceworker.provision.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.testing.DeployFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A T-SQL grammar reads the scripts in deploy/rights. They have not been run on a real server. */
class RightsScriptsTest {

    private static final TSqlGrammar GRAMMAR = new TSqlGrammar();

    static List<String> scripts() throws IOException {
        try (Stream<Path> files = Files.list(DeployFiles.path("rights"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("sqlserver-"))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void isRead(String script) {
        String text = DeployFiles.read("rights/" + script);
        assertThat(GRAMMAR.errors(text)).isEmpty();
        // The alternative in a comment.
        assertThat(GRAMMAR.errors(text.replace("-- ALTER ROLE", "ALTER ROLE"))).isEmpty();
        assertThat(GRAMMAR.errors(text.replace("ADD MEMBER", "AD MEMBER").replace("GRANT", "GRAND")))
                .as("so it reads each statement")
                .isNotEmpty();
    }
}
