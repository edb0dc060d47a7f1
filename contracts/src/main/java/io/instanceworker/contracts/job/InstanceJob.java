package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceRef;
import org.jspecify.annotations.Nullable;

/** A job about one instance. */
public sealed interface InstanceJob extends Job permits AddJob, CopyJob, DeleteJob, InfoJob, StatusJob {

    InstanceRef instance();

    /**
     * A template's name. For Add what the database is made from; for the others it only helps to derive the database name
     * from the display name. Null for the server's default, empty for no template.
     */
    @Nullable String template();
}
