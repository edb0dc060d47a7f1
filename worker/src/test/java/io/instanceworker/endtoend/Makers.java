package io.instanceworker.endtoend;

import static java.util.stream.Collectors.toCollection;

import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.result.InstanceStatusEvent;
import io.instanceworker.contracts.result.OutcomeKind;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Which jobs have made which database, by the published events. Whether it is still there says {@link JournalRuns}. */
record Makers(Evidence evidence) {

    Set<String> of(String database) {
        return evidence.events().stream()
                .filter(event -> event.data().changed() && makes(event))
                .filter(event -> database.equals(event.data().facts().instance().databaseName()))
                .map(event -> event.data().facts().jobId())
                .collect(toCollection(TreeSet::new));
    }

    private static boolean makes(InstanceStatusEvent event) {
        Operation operation = event.data().facts().operation();
        return event.data().outcome() == OutcomeKind.SUCCEEDED
                && (operation == Operation.ADD || operation == Operation.COPY || operation == Operation.ADOPT);
    }

    /** A database can be made again only after a Delete. */
    List<String> violations() {
        return evidence.jobs().stream()
                .filter(SentJob::makes)
                .map(job -> job.instance().databaseName())
                .filter(Objects::nonNull)
                .distinct()
                .filter(database -> of(database).size() > 1 + deletesOf(database))
                .map(database -> database + " was made by each of " + of(database) + ", and there were only "
                        + deletesOf(database) + " jobs to delete it")
                .toList();
    }

    private int deletesOf(String database) {
        return evidence.jobs().stream()
                .filter(job -> job.deletes() && job.isFor(database))
                .mapToInt(SentJob::times)
                .sum();
    }
}
