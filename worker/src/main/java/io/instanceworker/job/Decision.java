package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.provision.Target;

/**
 * What is to be done, seen what is there. Pure: the only place where it is decided that a database may be made or dropped.
 * Nothing here lets an existing database be dropped to make room for another instance's.
 */
enum Decision {
    /** Nothing of that name is there: make it. */
    MAKE,
    /** A broken rest of this instance's own, which nothing but a drop cures: drop it, then make it. */
    REPLACE,
    /** It exists, or does not, as the job asks for. */
    NOTHING,
    DROP;

    /**
     * For Add and Copy.
     *
     * @param mark what the job would write on the database
     * @param originMatters whether a database of this instance that was made from something else is not what is asked for
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
     * @param unmanagedAllowed whether the job and the server's settings both allow to drop what carries no mark
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
                        ? "carries no ownership mark, so it is not known to be anybody's"
                        : "belongs to the instance \"" + present.instanceId() + "\""
                                + (present.tenant() == null ? "" : " of the tenant \"" + present.tenant() + "\"");
        return new ProvisioningException(
                ErrorCode.INSTANCE_CONFLICT,
                "The database \"" + target.databaseName() + "\" " + whose + ". It is left as it is.");
    }
}
