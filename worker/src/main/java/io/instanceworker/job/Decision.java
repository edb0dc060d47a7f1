package io.instanceworker.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.provision.Target;

/**
 * What a job does, decided from the observed state. No side effects. Only here it is decided that a database may be created,
 * dropped, put into the trash or adopted. An existing database is never dropped to make room for that of another instance.
 */
enum Decision {
    /** There is no database of this name: create it. */
    MAKE,
    /** The instance's own database is invalid because a drop was interrupted: drop it, then create it. */
    REPLACE,
    /** The database already is as the job asks for: it exists, or for a Delete it is absent. */
    NOTHING,
    DROP,
    /** The database has no mark: write that of the instance. */
    ADOPT;

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

    /**
     * For Adopt.
     *
     * @param allowed whether the server's settings allow it
     * @throws ProvisioningException {@code INSTANCE_NOT_FOUND}, {@code INSTANCE_CONFLICT}, {@code SOURCE_INVALID} or
     *     {@code NOT_MANAGED}
     */
    static Decision toAdopt(Target target, InstanceStatus found, boolean allowed) {
        if (!found.exists()) {
            throw new ProvisioningException(
                    ErrorCode.INSTANCE_NOT_FOUND,
                    "There is no database \"" + target.databaseName() + "\" on this server to adopt.");
        }
        OwnershipMark present = found.mark();
        if (found.markUnreadable() || (present != null && !target.owns(present))) {
            throw conflict(target, found);
        }
        if (found.state() != InstanceState.ONLINE) {
            throw new ProvisioningException(
                    ErrorCode.SOURCE_INVALID,
                    "The database \"" + target.databaseName() + "\" is " + found.state() + ", and only one that is"
                            + " ONLINE can be adopted. It is left as it is.");
        }
        if (present != null) {
            return NOTHING;
        }
        if (allowed) {
            return ADOPT;
        }
        throw new ProvisioningException(
                ErrorCode.NOT_MANAGED,
                "The database \"" + target.databaseName() + "\" carries no ownership mark, and the settings of the"
                        + " server do not allow to adopt it (allow-adopt). It is left as it is.");
    }

    /**
     * For Restore.
     *
     * @param inTrash whether the database to restore is in the trash
     * @return true if it is to be restored, false if the database is there already
     * @throws ProvisioningException {@code INSTANCE_NOT_FOUND} or {@code INSTANCE_CONFLICT}
     */
    static boolean toRestore(Target target, InstanceStatus found, boolean inTrash) {
        if (inTrash && found.exists()) {
            throw new ProvisioningException(
                    ErrorCode.INSTANCE_CONFLICT,
                    "There is a database \"" + target.databaseName() + "\" on this server, so the deleted one stays in"
                            + " the trash. Nothing was changed.");
        }
        if (!inTrash && !found.exists()) {
            throw new ProvisioningException(
                    ErrorCode.INSTANCE_NOT_FOUND,
                    "The trash of this server has no database \"" + target.databaseName() + "\" of this instance.");
        }
        if (!inTrash && !target.owns(found.mark())) {
            throw conflict(target, found);
        }
        if (found.state() == InstanceState.INVALID) {
            throw new ProvisioningException(
                    ErrorCode.SOURCE_INVALID,
                    "The database \"" + target.databaseName() + "\" is there, but invalid, because a drop of it was"
                            + " interrupted, and the trash has no other.");
        }
        return inTrash;
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
