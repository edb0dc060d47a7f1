package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.testing.Any;
import org.jspecify.annotations.Nullable;

/** Any job that a message can ask for. */
final class Jobs {

    private Jobs() {}

    static Job draw(Any any) {
        JobHeader header = new JobHeader(
                any.jobId(),
                any.maybe(any::name),
                any.maybe(any::name),
                any.maybe(any::instant),
                any.maybe(any::instant),
                any.maybe(any::context));
        InstanceRef instance = any.instance();
        @Nullable String template = any.maybe(() -> any.of("", any.name()));
        return switch (any.integer(1, 8)) {
            case 1 -> new AddJob(header, instance, template);
            case 2 ->
                new CopyJob(
                        header,
                        instance,
                        template,
                        instance.databaseName() + any.name(),
                        any.of(WhenSourceBusy.values()));
            case 3 -> new DeleteJob(header, instance, template, any.bool());
            case 4 -> new InfoJob(header, instance, template);
            case 5 -> new StatusJob(header, instance, template);
            case 6 -> new AdoptJob(header, instance, template);
            case 7 -> new RestoreJob(header, instance, template);
            default -> page(header, any);
        };
    }

    private static StatusPageJob page(JobHeader header, Any any) {
        return new StatusPageJob(
                header,
                any.bool(),
                any.integer(1, Integer.MAX_VALUE),
                any.integer(1, StatusPageJob.MAX_PER_PAGE),
                new StatusPageJob.Filter(
                        any.maybe(any::name), any.maybe(() -> any.of(InstanceState.values())), any.maybe(any::name)),
                any.bool(),
                any.bool());
    }
}
