package io.instanceworker.contracts.result;

import io.instanceworker.contracts.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Why a job did not succeed.
 *
 * @param message for people: what happened, what it means, what to do next; never contains a password
 * @param sqlState the five characters of the SQL standard, if the server reported them
 * @param vendorCode the server's own error number, if it has one
 */
public record JobError(
        ErrorCode code,
        String message,
        @Nullable String sqlState,
        @Nullable Integer vendorCode) {

    public boolean retryable() {
        return code.retryable();
    }
}
