package io.instanceworker.contracts.provision;

import io.instanceworker.contracts.Operation;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a managed database says of itself: whose it is and where it comes from. It decides what may be dropped, so a
 * database without a readable one is nobody's.
 *
 * @param instanceId with the tenant, the identity that owns the database
 * @param jobId the job that made it
 * @param operation Add or Copy
 * @param template the template's name, for an Add from one
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

    /** The version of the mark's form. */
    public static final String SCHEMA_VERSION = "1.0";

    /** The mark as text of ASCII characters only: a comment on a database is stored in one encoding and read in another. */
    public String toJson() {
        return MarkJson.write(this);
    }

    /** The mark that a database's comment or property is; empty if it is anything else. Never throws. */
    public static Optional<OwnershipMark> parse(@Nullable String text) {
        return text == null ? Optional.empty() : MarkJson.read(text);
    }

    /**
     * Whether a database's comment or property is a mark that this version cannot read, a later worker's for one. Such a
     * database is somebody's, only not known whose.
     */
    public static boolean isUnreadable(@Nullable String text) {
        return text != null && text.contains(MarkJson.VERSION) && parse(text).isEmpty();
    }

    /** Whether it names this instance. */
    public boolean isOf(String otherInstanceId, @Nullable String otherTenant) {
        return instanceId.equals(otherInstanceId) && Objects.equals(tenant, otherTenant);
    }
}
