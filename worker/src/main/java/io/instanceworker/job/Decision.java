package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.provision.Target;

/**
 * What a job does, decided from the observed state. No side effects. Only here it is decided that a database may be created or
 * dropped. An existing database is never dropped to make room for that of another instance.
 */
enum Decision {
    /** There is no database of this name: create it. */
    MAKE,
    /** The instance's own database is invalid because a drop was interrupted: drop it, then create it. */
    REPLACE,
    /** The database already is as the job asks for: it exists, or for a Delete it is absent. */
    NOTHING,
    DROP;

    /**
     * For Add and Copy.
     *
     * @param mark the mark that the job would write on the database
     * @param originMatters whether an existing database of this instance must have the same origin
     * @throws ProvisioningException {@code INSTANCE_CONFLICT}
     */
    static Decision toMake(Target target, InstanceStatus found, OwnershipMark mark, boolean originMatters) {
        if (!found.exists()) {
            return MAKE;
        }
        OwnershipMark present = found.mark();
        if (present == null || !target.owns(present)) {
            throw conflict(target, found);
        }
        if (found.state() == InstanceState.INVALID) {
            return REPLACE;
        }
        if (originMatters && !sameOrigin(present, mark)) {
            throw new ProvisioningException(
                    ErrorCode.INSTANCE_CONFLICT,
                    "This instance has its database \"" + target.databaseName() + "\" already, made from "
                            + origin(present) + " and not from " + origin(mark)
                            + ". It is left as it is; delete it first if it is to be replaced.");
        }
        return NOTHING;
    }

    private static boolean sameOrigin(OwnershipMark a, OwnershipMark b) {
        return a.operation() == b.operation()
                && (a.operation() == Operation.COPY
                        ? String.valueOf(a.source()).equals(b.source())
                        : String.valueOf(a.template()).equalsIgnoreCase(String.valueOf(b.template())));
    }

    private static String origin(OwnershipMark mark) {
        if (mark.operation() == Operation.COPY) {
            return "a copy of \"" + mark.source() + "\"";
        }
        return mark.template() == null ? "nothing" : "the template \"" + mark.template() + "\"";
    }

    /**
     * For Delete.
     *
     * @param unmanagedAllowed whether both the job and the server's settings allow to drop a database without a mark
     * @throws ProvisioningException {@code INSTANCE_CONFLICT} or {@code NOT_MANAGED}
     */
    static Decision toDelete(Target target, InstanceStatus found, boolean unmanagedAllowed) {
        if (!found.exists()) {
            return NOTHING;
        }
        OwnershipMark present = found.mark();
        if (present != null && target.owns(present)) {
            return DROP;
        }
        if (present != null || found.markUnreadable()) {
            throw conflict(target, found);
        }
        if (unmanagedAllowed) {
            return DROP;
        }
        throw new ProvisioningException(
                ErrorCode.NOT_MANAGED,
                "The database \"" + target.databaseName() + "\" carries no ownership mark, so it was not made by an"
                        + " Instance Worker and is left as it is. To drop it all the same, the job must say"
                        + " allowUnmanaged and the server's settings must allow it.");
    }

    private static ProvisioningException conflict(Target target, InstanceStatus found) {
        OwnershipMark present = found.mark();
        String whose = present == null && found.markUnreadable()
                ? "carries an ownership mark that this worker cannot read"
                : present == null
                        ? "carries no ownership mark, so its owner is not known"
                        : "belongs to the instance \"" + present.instanceId() + "\""
                                + (present.tenant() == null ? "" : " of the tenant \"" + present.tenant() + "\"");
        return new ProvisioningException(
                ErrorCode.INSTANCE_CONFLICT,
                "The database \"" + target.databaseName() + "\" " + whose + ". It is left as it is.");
    }
}
