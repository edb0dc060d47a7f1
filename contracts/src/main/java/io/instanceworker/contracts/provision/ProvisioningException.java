package io.instanceworker.contracts.provision;

import io.instanceworker.contracts.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * A server could not do what was asked. The code says why and whether a retry can help. The message is for people and is
 * published.
 */
public class ProvisioningException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final @Nullable String sqlState;
    private final @Nullable Integer vendorCode;

    public ProvisioningException(ErrorCode code, String message) {
        this(code, message, null, null, null);
    }

    /**
     * @param message what happened, what it means, what to do next; never contains a password
     * @param vendorCode the server's own error number, if it has one
     */
    public ProvisioningException(
            ErrorCode code,
            String message,
            @Nullable String sqlState,
            @Nullable Integer vendorCode,
            @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.sqlState = sqlState;
        this.vendorCode = vendorCode;
    }

    public ErrorCode code() {
        return code;
    }

    public @Nullable String sqlState() {
        return sqlState;
    }

    public @Nullable Integer vendorCode() {
        return vendorCode;
    }
}
