package io.instanceworker.contracts.result;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.testing.Any;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Any event that the worker can publish. */
final class Events {

    private final Any any;

    private Events(Any any) {
        this.any = any;
    }

    static InstanceStatusEvent draw(Any any) {
        Events events = new Events(any);
        return InstanceStatusEvent.of(events.result(), events.instant()).in(any.maybe(events::trace));
    }

    private TraceContext trace() {
        String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0" + any.integer(0, 1);
        return new TraceContext(traceparent, any.maybe(() -> "vendor=" + any.integer(0, 9)));
    }

    private JobResult result() {
        OutcomeKind outcome = any.of(OutcomeKind.values());
        JobFacts facts = facts(outcome);
        JobError error = new JobError(
                any.of(ErrorCode.values()), any.text(), any.maybe(() -> "57P01"), any.maybe(this::anyInteger));
        return switch (outcome) {
            case IN_PROGRESS -> {
                JobResult.InProgress started = new JobResult.InProgress(facts, any.maybe(this::state));
                yield any.bool() ? started : started.at(any.integer(0, 100));
            }
            case SUCCEEDED ->
                new JobResult.Succeeded(
                        facts,
                        any.bool(),
                        any.maybe(this::state),
                        any.maybe(this::info),
                        any.maybe(this::page),
                        any.maybe(any::text),
                        any.bool() ? List.of() : List.of(any.text(), any.text()));
            case FAILED -> new JobResult.Failed(facts, state(), error, instant());
            case ERROR -> new JobResult.Error(facts, state(), error);
            case REJECTED -> new JobResult.Rejected(facts, error);
        };
    }

    private JobFacts facts(OutcomeKind outcome) {
        boolean rejected = outcome == OutcomeKind.REJECTED;
        int attempt = rejected ? 0 : any.integer(1, 1_000);
        return new JobFacts(
                any.jobId(),
                rejected ? any.maybe(() -> any.of(Operation.values())) : any.of(Operation.values()),
                rejected ? any.maybe(any::name) : any.name(),
                any.of(InstanceRef.NONE, any.instance(), any.instance()),
                attempt,
                any.integer(1, Integer.MAX_VALUE),
                JobFacts.sequence(attempt, outcome),
                instant(),
                outcome == OutcomeKind.IN_PROGRESS ? null : instant(),
                any.name(),
                any.maybe(any::name),
                any.maybe(any::context));
    }

    private StateReport state() {
        return any.bool()
                ? StateReport.of(any.of(InstanceState.values()))
                : new StateReport(any.of(InstanceState.values()), any.maybe(this::anyInteger), any.text());
    }

    private InstanceInfo info() {
        return new InstanceInfo(
                new InstanceInfo.Sizes(size(), any.maybe(() -> "8.2 MiB"), size(), size(), size(), size()),
                any.maybe(this::count),
                any.maybe(any::name),
                any.maybe(any::text),
                any.maybe(this::count),
                any.maybe(any::text),
                any.maybe(this::instant),
                new InstanceInfo.Origin(
                        any.maybe(this::instant),
                        any.maybe(any::jobId),
                        any.maybe(() -> any.of(Operation.ADD, Operation.COPY, Operation.ADOPT)),
                        any.maybe(any::name),
                        any.maybe(any::name)),
                new InstanceInfo.Engine(any.maybe(any::name), any.maybe(any::text), any.maybe(any::text)));
    }

    private StatusPage page() {
        List<StatusPage.Entry> entries = IntStream.range(0, any.integer(0, 3))
                .mapToObj(i -> new StatusPage.Entry(
                        any.instance(), state(), size(), any.maybe(this::count), any.maybe(this::trash)))
                .toList();
        TreeMap<InstanceState, Integer> counts = new TreeMap<>();
        IntStream.range(0, any.integer(0, 3)).forEach(i -> counts.put(any.of(InstanceState.values()), count()));
        return new StatusPage(entries, any.integer(1, Integer.MAX_VALUE), any.integer(1, 1_000), count(), counts);
    }

    private StatusPage.Trash trash() {
        return new StatusPage.Trash(any.name(), instant(), any.jobId(), instant());
    }

    private @Nullable Long size() {
        return any.maybe(() -> any.number(0, Long.MAX_VALUE));
    }

    private int count() {
        return any.integer(0, Integer.MAX_VALUE);
    }

    private int anyInteger() {
        return any.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private Instant instant() {
        return any.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
