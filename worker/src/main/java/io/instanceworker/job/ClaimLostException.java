package io.instanceworker.job;

/**
 * Another delivery of the same run has the claim now, or has ended the run. This delivery changes nothing more. Its message
 * waits, and finds out later how the run ended.
 */
public final class ClaimLostException extends RuntimeException {

    private final String runId;

    ClaimLostException(String runId) {
        super("Another worker has the job by now, or has ended it");
        this.runId = runId;
    }

    public String runId() {
        return runId;
    }
}
