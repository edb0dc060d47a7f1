package io.instanceworker.contracts;

import org.jspecify.annotations.Nullable;

/**
 * What a server says of a database now.
 *
 * <p>The code is the number of {@code sys.databases.state} where SQL Server has one, 255 for what is broken or could not
 * be told (the convention of the Ed-Fi instance worker), and null where neither applies.
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
    /** An Add is making it. */
    BUILDING(null),
    /** What an interrupted DROP leaves behind on PostgreSQL: only another DROP cures it. */
    INVALID(255),
    /** A good answer to Status, not an error. */
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
