package io.instanceworker.settings;

import java.util.stream.Collectors;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows an operator the mistakes instead of a stack trace. */
final class SettingsFailureAnalyzer extends AbstractFailureAnalyzer<SettingsException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SettingsException cause) {
        return new FailureAnalysis(
                "The worker does not start, because its settings have mistakes:\n\n"
                        + cause.mistakes().stream().map(m -> "    " + m).collect(Collectors.joining("\n")),
                "Correct them all, then start it again. The README lists every property.",
                cause);
    }
}
