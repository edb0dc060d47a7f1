package io.instanceworker.contracts.job;

import io.instanceworker.contracts.ErrorCode;

/** A message is not a job, for another reason than a property that is missing or of a wrong type. */
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    Refusal(ErrorCode code, String message) {
        super(message);
        this.code = code;
    }

    ErrorCode code() {
        return code;
    }
}
