package io.instanceworker.contracts;

import org.jspecify.annotations.Nullable;

/**
 * The instance that a message names. Every part is optional.
 *
 * @param id with the tenant, the identity that owns the database; defaults to the database name
 * @param tenant the tenant, where the platform has tenants
 * @param name display name; the database name is derived from it where none is given
 * @param databaseName the database
 */
public record InstanceRef(
        @Nullable String id,
        @Nullable String tenant,
        @Nullable String name,
        @Nullable String databaseName) {

    /** How long an id or a tenant of a job may be, in Unicode code points. */
    public static final int MAX_ID_CHARACTERS = 150;

    /** How long every other name of a job may be: of a server, a template, a database, and the display name. */
    public static final int MAX_NAME_CHARACTERS = 255;

    /** A reference in which every part is null. */
    public static final InstanceRef NONE = new InstanceRef(null, null, null, null);
}
