package io.instanceworker.contracts.provision;

import io.instanceworker.contracts.json.JsonProperties;
import io.instanceworker.contracts.json.StrictJson;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The mark on a deleted database in the trash: whose it was, what its name was, and when it was deleted. It decides what a
 * Restore may take and what the sweep may drop. It is not an {@link OwnershipMark}: where one is expected, it counts as one that
 * cannot be read.
 *
 * @param instanceId with the tenant, the instance whose job deleted the database
 * @param databaseName the name under which the database was deleted
 * @param jobId the job that deleted the database
 * @param deletedAt by the server's clock
 * @param comment what was in the mark's place before; null if there was nothing, or the engine keeps it elsewhere
 */
public record TrashMark(
        String instanceId,
        @Nullable String tenant,
        String databaseName,
        String jobId,
        Instant deletedAt,
        @Nullable String comment) {

    /** The property that a mark has in every version. It contains that of an {@link OwnershipMark}. */
    private static final String VERSION = MarkJson.VERSION + "Trash";

    private static final String SCHEMA_VERSION = "1.0";

    /** The mark as ASCII text. */
    public String toJson() {
        ObjectNode node = StrictJson.newObject();
        node.put(VERSION, SCHEMA_VERSION);
        node.put("instanceId", instanceId);
        MarkJson.put(node, "tenant", tenant);
        node.put("databaseName", databaseName);
        node.put("jobId", jobId);
        node.put("deletedAt", deletedAt.toString());
        MarkJson.put(node, "comment", comment);
        return StrictJson.writeAscii(node);
    }

    /** Reads the mark from a database's comment or property; empty if the text is not a mark of this version. Never throws. */
    public static Optional<TrashMark> parse(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            JsonProperties mark = JsonProperties.exact(StrictJson.parseObject(text));
            return SCHEMA_VERSION.equals(mark.string(VERSION)) ? Optional.of(read(mark)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            // It is not a mark, or not a whole one. Then the database is not dropped.
            return Optional.empty();
        }
    }

    private static TrashMark read(JsonProperties mark) {
        return new TrashMark(
                mark.required("instanceId", mark.string("instanceId")),
                mark.string("tenant"),
                mark.required("databaseName", mark.string("databaseName")),
                mark.required("jobId", mark.string("jobId")),
                mark.required("deletedAt", mark.instant("deletedAt")),
                mark.string("comment"));
    }

    /** Whether the mark names this instance. */
    public boolean isOf(String otherInstanceId, @Nullable String otherTenant) {
        return instanceId.equals(otherInstanceId) && Objects.equals(tenant, otherTenant);
    }
}
