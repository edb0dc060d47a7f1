package io.instanceworker.endtoend;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A job that the broker has confirmed, as far as its end is judged by it.
 *
 * @param operation null where the message is no job, but says its id
 * @param origin the database that is copied, the template's for an Add; null for one that makes an empty database or none
 * @param times how often it was published
 */
record SentJob(
        String jobId,
        @Nullable Operation operation,
        InstanceRef instance,
        @Nullable String origin,
        int times) {

    /** @param templateDatabase what an Add is made from; null for nothing. Ignored for any other operation. */
    static SentJob of(JobJson job, @Nullable String templateDatabase) {
        JsonNode json = JsonMapper.shared().readTree(job.toString());
        Operation operation =
                Operation.named(json.path("operation").asString("")).orElse(null);
        JsonNode instance = json.path("instance");
        String database = instance.path("databaseName").asStringOpt().orElse(null);
        String origin = operation == Operation.COPY
                ? json.at("/source/databaseName").asString()
                : operation == Operation.ADD ? templateDatabase : null;
        return new SentJob(
                job.jobId(),
                operation,
                new InstanceRef(
                        instance.path("id").asStringOpt().orElse(database),
                        instance.path("tenant").asStringOpt().orElse(null),
                        null,
                        database),
                origin,
                1);
    }

    SentJob published(int often) {
        return new SentJob(jobId, operation, instance, origin, often);
    }

    boolean isFor(String database) {
        return database.equals(instance.databaseName());
    }

    boolean makes() {
        return operation == Operation.ADD || operation == Operation.COPY || operation == Operation.ADOPT;
    }

    boolean deletes() {
        return operation == Operation.DELETE;
    }

    boolean isOf(@Nullable String instanceId, @Nullable String tenant) {
        return Objects.equals(instance.id(), instanceId) && Objects.equals(instance.tenant(), tenant);
    }
}
