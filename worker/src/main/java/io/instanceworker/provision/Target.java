package io.instanceworker.provision;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.provision.OwnershipMark;
import org.jspecify.annotations.Nullable;

/**
 * The database that a job is for.
 *
 * @param instance as events have it, with every part filled in that can be
 * @param instanceId with the tenant, the identity that owns the database
 */
public record Target(InstanceRef instance, String instanceId, String databaseName) {

    /** Whether the mark is this instance's. */
    public boolean owns(@Nullable OwnershipMark mark) {
        return mark != null && mark.isOf(instanceId, instance.tenant());
    }
}
