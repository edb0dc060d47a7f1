package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceRef;
import org.jspecify.annotations.Nullable;

/** A job about one instance. */
public sealed interface InstanceJob extends Job
        permits AddJob, CopyJob, DeleteJob, AdoptJob, RestoreJob, InfoJob, StatusJob {

    InstanceRef instance();

    /**
     * The name of a template; null for the server's default, empty for no template. An Add creates the database from this
     * template. The other operations only use it to derive the database name from the display name.
     */
    @Nullable String template();
}
