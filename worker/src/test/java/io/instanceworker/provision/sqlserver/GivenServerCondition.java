package io.instanceworker.provision.sqlserver;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips each test where there is no real SQL Server, so that the skipped ones are counted. */
final class GivenServerCondition implements ExecutionCondition {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (context.getTestMethod().isEmpty() || TestServer.isRequired()) {
            return ConditionEvaluationResult.enabled("Not for a class; and a server that is required must be there");
        }
        return TestServer.hindrance()
                .map(why -> ConditionEvaluationResult.disabled(why + "; see CONTRIBUTING.md"))
                .orElseGet(() -> ConditionEvaluationResult.enabled("There is a server"));
    }
}
