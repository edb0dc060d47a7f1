package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Before the job changed anything, the server could not be reached, refused the login, or had no connection or no disk space
 * left. The attempt is not used up.
 */
final class NotStartedException extends ProvisioningException {

    private static final Set<ErrorCode> NOT_LET_IN = EnumSet.of(
            ErrorCode.SERVER_UNAVAILABLE,
            ErrorCode.TOO_MANY_CONNECTIONS,
            ErrorCode.AUTHENTICATION_FAILED,
            ErrorCode.DISK_FULL);

    private NotStartedException(ProvisioningException e) {
        super(e.code(), String.valueOf(e.getMessage()), e.sqlState(), e.vendorCode(), e);
    }

    /** @param e the failure of a call to the server before anything was changed */
    static ProvisioningException where(ProvisioningException e) {
        return NOT_LET_IN.contains(e.code()) ? new NotStartedException(e) : e;
    }
}
