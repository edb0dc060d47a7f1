package io.instanceworker.contracts.job;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.json.Excerpt;
import io.instanceworker.contracts.json.JsonProperties;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A message that is a JSON object. Every method that reads a property throws {@link IllegalArgumentException} if the property
 * is missing or of a wrong type, and {@link Refusal} for another reason.
 */
final class JobMessage {

    private static final int MAX_ID = InstanceRef.MAX_ID_CHARACTERS;
    private static final int MAX_NAME = InstanceRef.MAX_NAME_CHARACTERS;

    private final JsonProperties message;
    private final Supplier<String> derivedJobId;

    JobMessage(JsonProperties message, Supplier<String> derivedJobId) {
        this.message = message;
        this.derivedJobId = derivedJobId;
    }

    /** Checks every known property, also those that this operation does not use: a wrong value is a mistake of the sender. */
    Job toJob() {
        SchemaVersion.check(message);
        String jobId = jobId();
        Operation operation = operation();
        JobHeader header = new JobHeader(
                jobId,
                server(),
                requestedBy(),
                message.noteOfTime("requestedAt"),
                message.instant("deadline"),
                context());
        JsonProperties instanceProperties = instanceProperties();
        InstanceRef instance = instanceProperties == null ? null : instance(instanceProperties, Supplier::get);
        String template = message.nameOrEmpty("template", MAX_NAME);
        String source = source();
        WhenSourceBusy whenSourceBusy = whenSourceBusy();
        boolean allowUnmanaged = isTrue("allowUnmanaged");
        StatusPageJob page = statusPage(header);

        if (instance == null) {
            if (operation == Operation.STATUS) {
                return page;
            }
            throw message.mistake("instance", "is missing; " + operation.jsonName() + " needs it");
        }
        requireDatabase(instance);
        return switch (operation) {
            case ADD -> new AddJob(header, instance, template);
            case COPY -> copyJob(header, instance, template, source, whenSourceBusy);
            case DELETE -> new DeleteJob(header, instance, template, allowUnmanaged);
            case ADOPT -> new AdoptJob(header, instance, template);
            case RESTORE -> new RestoreJob(header, instance, template);
            case INFO -> new InfoJob(header, instance, template);
            case STATUS -> new StatusJob(header, instance, template);
        };
    }

    String jobId() {
        JsonNode given = message.any("jobId");
        if (given == null) {
            return derivedJobId.get();
        }
        String jobId = message.nameOrNumber("jobId", Integer.MAX_VALUE);
        if (jobId == null || !JobHeader.isJobId(jobId)) {
            throw message.mistake(
                    "jobId",
                    "must be 1 to " + JobHeader.MAX_JOB_ID_CHARACTERS
                            + " printable characters; leave it out to have one derived from the message");
        }
        return jobId;
    }

    Operation operation() {
        String name = message.string("operation");
        if (name == null || name.isBlank()) {
            throw message.mistake("operation", "is missing; it must be one of " + operations());
        }
        return Operation.named(name)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.UNSUPPORTED_OPERATION,
                        "operation: " + Excerpt.quoted(name) + " is not known; it must be one of " + operations()));
    }

    @Nullable String server() {
        return message.name("server", MAX_NAME);
    }

    @Nullable String requestedBy() {
        return message.note("requestedBy", JobHeader.MAX_REQUESTED_BY_CHARACTERS);
    }

    @Nullable JsonNode context() {
        return message.anyText("context");
    }

    @Nullable JsonProperties instanceProperties() {
        return message.object("instance");
    }

    /** @param reading how each part is read: either a wrong value is an exception, or the part counts as absent */
    static InstanceRef instance(
            JsonProperties instance, Function<Supplier<@Nullable String>, @Nullable String> reading) {
        return new InstanceRef(
                reading.apply(() -> instance.nameOrNumber("id", MAX_ID)),
                reading.apply(() -> instance.name("tenant", MAX_ID)),
                reading.apply(() -> instance.name("name", MAX_NAME)),
                reading.apply(() -> instance.name("databaseName", MAX_NAME)));
    }

    private static void requireDatabase(InstanceRef instance) {
        if (instance.databaseName() == null && instance.name() == null) {
            throw new IllegalArgumentException(
                    "instance.databaseName: is missing; give it, or instance.name to have it derived");
        }
    }

    private CopyJob copyJob(
            JobHeader header,
            InstanceRef instance,
            @Nullable String template,
            @Nullable String source,
            WhenSourceBusy whenSourceBusy) {
        if (source == null) {
            throw new IllegalArgumentException("source.databaseName: is missing; Copy needs it");
        }
        if (source.equals(instance.databaseName())) {
            throw new IllegalArgumentException("source.databaseName: is the database to be made; give another");
        }
        return new CopyJob(header, instance, template, source, whenSourceBusy);
    }

    private @Nullable String source() {
        JsonProperties source = message.object("source");
        return source == null ? null : source.name("databaseName", MAX_NAME);
    }

    private WhenSourceBusy whenSourceBusy() {
        String name = message.string("whenSourceBusy");
        if (name == null) {
            return WhenSourceBusy.WAIT;
        }
        return WhenSourceBusy.named(name)
                .orElseThrow(() -> message.mistake(
                        "whenSourceBusy", Excerpt.quoted(name) + " is not known; it must be wait or disconnect"));
    }

    private StatusPageJob statusPage(JobHeader header) {
        Long page = message.integer("page", 1, Integer.MAX_VALUE);
        Long perPage = message.integer("perPage", 1, StatusPageJob.MAX_PER_PAGE);
        return new StatusPageJob(
                header,
                isTrue("all"),
                page == null ? 1 : page.intValue(),
                perPage == null ? StatusPageJob.DEFAULT_PER_PAGE : perPage.intValue(),
                filter(),
                !Boolean.FALSE.equals(message.bool("sizes")),
                isTrue("trash"));
    }

    private StatusPageJob.Filter filter() {
        JsonProperties filter = message.object("filter");
        return filter == null
                ? StatusPageJob.Filter.NONE
                : new StatusPageJob.Filter(
                        filter.name("tenant", MAX_ID), state(filter), filter.name("namePrefix", MAX_NAME));
    }

    private static @Nullable InstanceState state(JsonProperties filter) {
        String name = filter.name("state");
        if (name == null) {
            return null;
        }
        return Stream.of(InstanceState.values())
                .filter(s -> s.name().equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> filter.mistake(
                        "state",
                        Excerpt.quoted(name) + " is not known; it must be one of "
                                + Arrays.toString(InstanceState.values())));
    }

    private boolean isTrue(String name) {
        return Boolean.TRUE.equals(message.bool(name));
    }

    private static String operations() {
        return Stream.of(Operation.values()).map(Operation::jsonName).collect(Collectors.joining(", "));
    }
}
