package io.instanceworker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.testing.Documents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;

/** The commands of {@code instancectl} in the documents have the words and options that the command line knows. */
class DocumentedCommandsTest {

    /** In a block of code. It may go on in the next line, and ends where the shell redirects its output or input. */
    private static final Pattern IN_BLOCK = Pattern.compile(
            "(?m)^ *(?:\\$ )?(?:\\w+=\\S+ |docker compose [^\n]*?(?=instancectl )|kubectl [^\n]* -- )*(?:deploy/bin/)?(instancectl (?:\\\\\n|[^<>|;&#\n])*)");

    private static final Pattern IN_TEXT = Pattern.compile("`(?:deploy/bin/)?(instancectl [^`]*)`");

    private static final Pattern WORD = Pattern.compile("(?:\\\\.|\"[^\"]*\"|'[^']*'|[^\\s\"'\\\\])+");

    private static List<String> commands(String page) {
        return Stream.concat(
                        Documents.FENCED
                                .matcher(page)
                                .results()
                                .flatMap(
                                        block -> IN_BLOCK.matcher(block.group()).results()),
                        IN_TEXT.matcher(Documents.FENCED.matcher(page).replaceAll(""))
                                .results())
                .map(command -> command.group(1))
                .toList();
    }

    /** As the shell would split it. */
    private static List<String> words(String command) {
        return WORD.matcher(command.replace("\\\n", " "))
                .results()
                .map(MatchResult::group)
                .map(word -> word.replaceAll("\\\\(.)|[\"']", "$1"))
                .toList();
    }

    @Test
    void theCommandLineKnowsEveryDocumentedCommand() {
        Invocation invocation = new Invocation(List.of(), System.out, System.err, null);
        List<String> checked = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (Path page : Documents.pages()) {
            for (String command : commands(Documents.text(page))) {
                checked.add(command);
                try {
                    InstanceCtl.commandLine(invocation).parseArgs(InstanceCtl.arguments(words(command)));
                } catch (ParameterException e) {
                    // A text may name a command without its arguments.
                    if (!(e instanceof MissingParameterException) || command.contains(" -")) {
                        unknown.add(page.getFileName() + ": " + command + ": " + e.getMessage());
                    }
                }
            }
        }
        assertThat(checked).hasSizeGreaterThan(30);
        assertThat(unknown).isEmpty();
    }
}
