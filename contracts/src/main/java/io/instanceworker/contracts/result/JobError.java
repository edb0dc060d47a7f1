package io.instanceworker.contracts.result;

import io.instanceworker.contracts.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Why a job did not succeed.
 *
 * @param message for a person: what happened, what it means, what to do next; never a password
 * @param sqlState the five characters of the SQL standard, where a server said them
 * @param vendorCode the server's own error number, where it has one
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
