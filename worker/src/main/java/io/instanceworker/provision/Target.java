package io.instanceworker.provision;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.provision.OwnershipMark;
import org.jspecify.annotations.Nullable;

/**
 * The database that a job is for.
 *
 * @param instance the instance in events, with all parts that are known
 * @param instanceId with the tenant, the identity that owns the database
 */
public record Target(InstanceRef instance, String instanceId, String databaseName) {

    /** Whether the mark names this instance. */
    public boolean owns(@Nullable OwnershipMark mark) {
        return mark != null && mark.isOf(instanceId, instance.tenant());
    }
}
