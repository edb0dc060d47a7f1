package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.util.EnumSet;
import java.util.Set;

/** The server could not be reached, or was full, before anything was begun, so the attempt does not count. */
final class NotBegunException extends ProvisioningException {

    private static final Set<ErrorCode> NOT_LET_IN =
            EnumSet.of(ErrorCode.SERVER_UNAVAILABLE, ErrorCode.TOO_MANY_CONNECTIONS);

    private NotBegunException(ProvisioningException e) {
        super(e.code(), String.valueOf(e.getMessage()), e.sqlState(), e.vendorCode(), e);
    }

    /** @param e what came of a call to the server before anything was begun */
    static ProvisioningException where(ProvisioningException e) {
        return NOT_LET_IN.contains(e.code()) ? new NotBegunException(e) : e;
    }
}
