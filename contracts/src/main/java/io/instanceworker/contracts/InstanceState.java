package io.instanceworker.contracts;

import org.jspecify.annotations.Nullable;

/**
 * The state of a database on its server.
 *
 * <p>The code is the number in {@code sys.databases.state} if SQL Server has this state. It is 255 if the database is broken
 * or its state could not be found out (the convention of the Ed-Fi instance worker). Otherwise it is null.
 */
public enum InstanceState {
    ONLINE(0),
    RESTORING(1),
    RECOVERING(2),
    RECOVERY_PENDING(3),
    SUSPECT(4),
    EMERGENCY(5),
    OFFLINE(6),
    COPYING(7),
    /** An Add is creating the database. */
    BUILDING(null),
    /** On PostgreSQL: a DROP DATABASE was interrupted. Nobody can connect to the database; it can only be dropped. */
    INVALID(255),
    /** There is no such database. For Status this is a result, not an error. */
    NOT_FOUND(null),
    UNKNOWN(255);

    private final @Nullable Integer code;

    InstanceState(@Nullable Integer code) {
        this.code = code;
    }

    public @Nullable Integer code() {
        return code;
    }
}
