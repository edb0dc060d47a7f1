package io.instanceworker.job;

import io.instanceworker.contracts.provision.ProvisioningException;

/** The server could not be reached before anything was begun, so the attempt does not count. */
final class NotBegunException extends ProvisioningException {
    NotBegunException(ProvisioningException e) {
        super(e.code(), String.valueOf(e.getMessage()), e.sqlState(), e.vendorCode(), e);
    }
}
