package io.instanceworker.provision.sqlserver;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips each test where no real SQL Server is given, so that the skipped ones are counted. */
final class GivenServerCondition implements ExecutionCondition {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return context.getTestMethod().isEmpty() || TestServer.isGivenOrRequired()
                ? ConditionEvaluationResult.enabled("A server is given, or required")
                : ConditionEvaluationResult.disabled("No SQL Server is given; see CONTRIBUTING.md");
    }
}
