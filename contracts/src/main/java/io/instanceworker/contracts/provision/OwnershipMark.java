package io.instanceworker.contracts.provision;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.InstanceInfo;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The mark on a managed database: which instance owns the database, and from what it was created. The mark decides what a job
 * may drop. A database without a mark belongs to no instance.
 *
 * @param instanceId with the tenant, the identity that owns the database
 * @param jobId the job that created or adopted the database
 * @param operation Add, Copy or Adopt
 * @param template the template's name, for an Add with a template
 * @param source the database that was copied, for a Copy
 */
public record OwnershipMark(
        String instanceId,
        @Nullable String tenant,
        String jobId,
        Operation operation,
        @Nullable String template,
        @Nullable String source,
        Instant createdAt) {

    /** The version of the mark's JSON. */
    public static final String SCHEMA_VERSION = "1.0";

    /** The mark as ASCII text, because a comment on a database may be read in another encoding than it was written in. */
    public String toJson() {
        return MarkJson.write(this);
    }

    /** Reads the mark from a database's comment or property; empty if the text is not a mark. Never throws. */
    public static Optional<OwnershipMark> parse(@Nullable String text) {
        return text == null ? Optional.empty() : MarkJson.read(text);
    }

    /**
     * Whether a database's comment or property is a mark that this version cannot read, for example of a later version. Such a
     * database has an owner, but the owner is not known.
     */
    public static boolean isUnreadable(@Nullable String text) {
        return text != null && text.contains(MarkJson.VERSION) && parse(text).isEmpty();
    }

    /** What Info reports from the mark of a database; null for a database without one. */
    public static InstanceInfo.Origin origin(@Nullable OwnershipMark mark) {
        return mark == null
                ? InstanceInfo.Origin.UNKNOWN
                : new InstanceInfo.Origin(
                        mark.createdAt(), mark.jobId(), mark.operation(), mark.template(), mark.source());
    }

    /** Whether the mark names this instance. */
    public boolean isOf(String otherInstanceId, @Nullable String otherTenant) {
        return instanceId.equals(otherInstanceId) && Objects.equals(tenant, otherTenant);
    }
}
